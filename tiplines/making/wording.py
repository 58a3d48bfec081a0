"""All prose of made reports: neutral, a little Hindi, never about content."""

from __future__ import annotations

REPORT_NOTES = (
    "The account uploaded one file that was flagged by a hash list.",
    "The account was found by an automated check and has been closed.",
    "The company has preserved the account's records. Please send legal process to its desk.",
    "Files were found in the account's online storage after an automated scan.",
    "खाते से अपलोड की गई फ़ाइल स्वचालित जाँच में चिह्नित हुई।",
)
ACCOUNT_NOTES = (
    "The account was created in the last twelve months.",
    "The user has not replied to the notice of closure.",
    "Sign-in times are given in UTC.",
    "खाता बंद कर दिया गया है।",
)
FILE_NOTES = (
    "Was File Reviewed by Company? No. The hash matches a file that was once reviewed before.",
    "Was File Reviewed by Company? Yes.",
    "The file was shared in a conversation.",
)
INCIDENT_NOTES = (
    "The time is that of the most recent upload.",
    "The time is when the company became aware of the upload.",
    "The time is when the account was registered.",
)
ESCALATIONS = (
    "The conversation suggests that a child is at risk now.",
    "The user appears to have contact with a child at present.",
    "A meeting seems to be planned within days.",
)
CHATS = (
    "The conversation was reviewed by the company and is not included here.",
    "The log lists times and account ids only; message text is withheld.",
    "बातचीत का विवरण कंपनी के पास सुरक्षित है।",
)
BIOS = ("Delhi wale", "music and cricket", "dilli ka launda", "पढ़ाई और क्रिकेट", "living my life")
SCHOOLS = ("Made-up Sarvodaya Vidyalaya", "Imagined Public School", "Example Senior School")
PAYMENT = "Payment handle shown on the profile: {handle}"
INVITE = "The user passed on an invitation to a closed group: {url}"
REACHED_AT = "The user wrote that he can be reached at {phone}."

COMPANY = "This report is sent by {name}. Legal process: lawful-requests@{key}.example."
TERMS = "Use of the service for unlawful material is forbidden and reported."

CAMERAS = (
    (("Make", "Madephone"), ("Model", "M-12"), ("DateTimeOriginal", "2025:10:02 19:44:10")),
    (("Make", "Examplecam"), ("Model", "EX5"), ("Software", "EX5-1.0")),
    (("Model", "Madephone M-7"),),
)
