# The image of web, worker, sealer and timetable. Fonts come from npm, everything else from requirements/run.txt.
FROM node:22-slim AS fonts
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --silent

FROM python:3.11-slim
WORKDIR /app
RUN useradd --system --home /app ifso && mkdir /data && chown ifso /data
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY --from=fonts /app/node_modules node_modules
COPY . .
USER ifso
