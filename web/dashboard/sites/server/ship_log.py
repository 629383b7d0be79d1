"""Send the page views of a web server's log to Leadsment: ship_log.py LOG PAGE_HOST_URL LEADSMENT_URL SITE_KEY"""

import hashlib, json, os, re, sys, time, urllib.error, urllib.request
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

LINE = re.compile(
    r'(?P<address>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "GET (?P<path>/\S*) HTTP/[\d.]+" 200 \S+'
    r' "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"(?: "(?P<gpc>[^"]*)" "(?P<dnt>[^"]*)")?\s*'
)
NO_PAGE = re.compile(r"\.(?!html?$|php$)[A-Za-z0-9]{1,5}$")  # images, scripts, feeds
TRIES, MOST_AT_ONCE = 6, 500


def page_view(line, offset, pages):
    found = LINE.fullmatch(line)
    if not found or NO_PAGE.search(found["path"].split("?")[0]):
        return None
    # From the place in the log, and not from the address: the id is kept.
    name = f"{offset} {found['time']} {found['path']}"
    return {
        "id": hashlib.sha256(name.encode()).hexdigest()[:32],
        "url": pages + found["path"],
        "address": found["address"],
        "user_agent": found["agent"],
        "referrer_host": urlsplit(found["referrer"]).hostname or "" if "://" in found["referrer"] else "",
        "at": datetime.strptime(found["time"], "%d/%b/%Y:%H:%M:%S %z").isoformat(),
        "opted_out": "1" in (found["gpc"], found["dnt"]),
    }


def page_views(log, pages):
    """The next page views of an open log, up to a batch, leaving a line that is still being written."""
    views = []
    while len(views) < MOST_AT_ONCE:
        offset = log.tell()
        line = log.readline()
        if not line.endswith(b"\n"):
            log.seek(offset)
            return views
        view = page_view(line.decode(errors="replace"), offset, pages)
        views += [view] if view else []
    return views


def send(views, url, site):
    for wait in range(TRIES):
        time.sleep(2 * wait)
        results = post({"site": site, "page_views": views}, url)
        again = [view for view, result in zip(views, results) if "retry_after" in result] if results else views
        if not again:
            return
        views = again
    sys.exit("Leadsment does not answer. Nothing is lost: run this again.")


def post(batch, url):
    """The results, or None if the whole batch is to be sent again."""
    headers = {"Authorization": "Bearer " + os.environ["LEADSMENT_SECRET"], "Content-Type": "application/json"}
    request = urllib.request.Request(url + "/api/v1/page-views", json.dumps(batch).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)["results"]
    except urllib.error.HTTPError as error:
        if error.code in (429, 500, 502, 503, 504):
            return None
        sys.exit(f"Leadsment refused: {error.read().decode(errors='replace')}")
    except OSError:
        return None


def main(log, pages, url, site):
    place = Path(log + ".leadsment")  # how far it was sent
    start = int(place.read_text()) if place.exists() else 0
    with open(log, "rb") as lines:
        # A log that is shorter than it was has been rotated.
        lines.seek(start if start <= os.fstat(lines.fileno()).st_size else 0)
        while views := page_views(lines, pages.rstrip("/")):
            send(views, url.rstrip("/"), site)
            place.write_text(str(lines.tell()))
        place.write_text(str(lines.tell()))


if __name__ == "__main__":
    main(*sys.argv[1:])
