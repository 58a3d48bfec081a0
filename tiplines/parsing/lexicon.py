"""The words and names by which values in prose are known: facts, not weights."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- India --------------------------------------------------------------------------------------

# What stands behind the @ of a UPI id: handles that NPCI lists for banks and payment apps.
PAYMENT_HANDLES = words(
    "abfspay airtel airtelpaymentsbank allbank apb apl aubank axisb axisbank axisgo axl bandhan"
    " barodampay boi cbin centralbank citi citigold cmsidfc cnrb csbpay cub dbs dcb dcbbank dhani"
    " dlb eazypay equitas ezeepay fam fbl federal finobank freecharge goaxb hdfcbank hdfcbankjd"
    " hsbc ibl icici idbi idbibank idfc idfcbank idfcfirst idfcnetc ikwik imobile indbank"
    " indianbank indus indusind iob jio jiopartner jkb jsb jupiteraxis kaypay kbl kmbl kotak"
    " kotak811 kvb kvbank liv lvb mahb mbk myicici naviaxis nsdl obc okaxis okhdfcbank okicici"
    " oksbi oneyes paytm payzapp pingpay pnb pockets postbank psb ptaxis pthdfc ptsbi ptyes rapl"
    " rbl rblbank rmhdfcbank s2b sbi sc scb sib slice sliceaxis srcb superyes synd tapicici tapyes"
    " timecosmos tjsb tmb uboi uco ucobank unionbank unionbankofindia upi utbi utkarsh vijb waaxis"
    " wahdfcbank waicici wasbi yapl ybl yesbank yesbankltd yescred yesg yespay yespop"
)
PAYMENT_WORDS = ("upi", "vpa", "bhim", "gpay", "google pay", "phonepe", "payment", "यूपीआई")
# The fourth letter of a PAN: person, company, family, firm, association, trust, body of
# individuals, local authority, juridical person, government, limited liability partnership.
PAN_HOLDERS = "PCHFATBLJGE"
IMEI_WORDS = ("imei", "आईएमईआई")
# First letters of a number plate, former ones of renamed States among them.
PLATE_CODES = words(
    "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ"
    " SK TN TR TS TG UA UK UP WB"
)

# --- platforms ----------------------------------------------------------------------------------

PLATFORMS = {
    "telegram": "Telegram",
    "टेलीग्राम": "Telegram",
    "instagram": "Instagram",
    "insta": "Instagram",
    "ig": "Instagram",
    "इंस्टाग्राम": "Instagram",
    "snapchat": "Snapchat",
    "snap": "Snapchat",
    "twitter": "X",
    "discord": "Discord",
    "tiktok": "TikTok",
    "kik": "Kik",
    "youtube": "YouTube",
    "reddit": "Reddit",
    "threads": "Threads",
    "sharechat": "ShareChat",
    "facebook": "Facebook",
}
# With one of these beside it, a handle is one at the company that reports.
HANDLE_WORDS = words("username user handle screen profile account")

# --- whom nobody looks for ----------------------------------------------------------------------

# Mailboxes of desks, not of people.
DESKS = words(
    "abuse admin compliance contact cybertip donotreply help info law law-enforcement"
    " law.enforcement lawenforcement lawful-requests le leo-support legal lers lert no-reply"
    " noreply notification notifications police postmaster privacy records report reports safety"
    " security service subpoena support trustandsafety"
)
CHILD_SAFETY_DOMAINS = ("ncmec.org", "missingkids.org", "missingkids.com", "cybertip.org")
# Of a company's own site these are its words to everybody; so is a page without a path.
COMPANY_PAGES = words(
    "about business guidelines help law law-enforcement lawenforcement legal policies policy"
    " privacy records safety settings support terms transparency"
)
# Meta explains this question in every report; what follows on its line is never about the user.
BOILERPLATE = "Was File Reviewed by Company"
# Mail headers whose values look like addresses but name a message.
MESSAGE_HEADERS = ("message-id", "in-reply-to", "references", "content-id")

# --- time ---------------------------------------------------------------------------------------

# All that may stand between an address and its moment: anything else is another statement.
JOINING_WORDS = words(
    "a address addr and at by date datetime event for from gmt in ip ipv4 ipv6 is last local"
    " logged login logout of on port registered registration session sign signed source the then"
    " time timestamp to upload uploaded used user using utc via was when with"
)
