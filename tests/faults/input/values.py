"""Values that nobody means to send: what broke servers before, and what only looks as if it could."""

from typing import Any

DEEP = 10_000
SURROGATE = b"\xed\xa0\x80"
"""Half of a surrogate pair, in what would be its UTF-8."""

# fmt: off
SEGMENTS = (
    "x", "null", "undefined", "-1", "0", "NaN", "true", "{cart_id}", "*", "#s", ":v", "$", "cart_", "ord_", "me",
    "con", "a" * 100, "a" * 101, "a" * 3000, "A" * 80, "%00", "x%00", "..%00.json", "%0d%0aX-Evil:%201", "%0a",
    "%7f", "%09", "%ff", "%fe%ff", "%c0%ae%c0%ae", "%ed%a0%80", "%f4%90%80%80", "%e2%80%ae", "%ef%bb%bf",
    "%F0%9F%92%A5", "e%cc%81", "%c3%a9", "x" + "%cc%88" * 90, "%ef%bc%ad%ef%bc%b5%ef%bc%a7", "%d9%a1%d9%a2", "%20",
    "%20x%20", "x%C2%A0", "%E2%80%8B", "+", "a%20b", "..", ".", "%2e%2e", "%2e", "..%2f..%2fadmin", "%2f", "%2F%2F",
    "%5c", "..%5c..", "%252e%252e", "x%3Fdry_run%3Dtrue", "x%23y", "x;y=1", "x,y", "%27%20OR%201=1--", "%22",
    "%3Cscript%3E", "$(id)", "%60id%60", "%25", "%2500", "%", "%zz", "%u0041", "__proto__", "constructor",
    "[object%20Object]",
)
PATHS = (
    "{path}/", "/{path}", "{path}//", "{path}/.", "{path}/..", "{path}/x", "{path};x=1", "{path}%00", "{path}%20",
    "{path}%ff", "{path}\\", "{path}.json", "{path}%3Fx", "{path}%23", "{path}&x=1", "{path}/%2e%2e", "/v1/..{path}",
    "/v1/admin/..{path}", "/%76%31{rest}", "{upper}", "//evil.example{path}", "*", "/", "/v1", "/v1/admin",
    "/v1/webhooks",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND", "X" * 50)
PARAMETERS = (
    "", "0", "-1", "1", "100", "101", "1.5", "1e2", "+5", "%2B5", "%205", "5%20", "0x10", "1_0", "%D9%A1", "NaN",
    "Infinity", "9" * 20, "9" * 400, "-" + "9" * 400, "9" * 5000, "true", "TRUE", "yes", "on", "maybe", "null",
    "%00", "%ff", "%ed%a0%80", "%0d%0a", "%F0%9F%92%A5", "usd", "USD", "US", "USDX", "XXX", "XTS", "%00%00%00",
    "ZZZ", "placed", "PLACED", "open", "draft", "x" * 300, "x" * 1024, "x" * 1025, "x" * 4000, "e30", "e30=", "====",
    "bnVsbA", "..", "%27", "%22", "[]", "{}", "a,b", "a%2Cb",
)
QUERIES = (
    "&&&===", "?", "????", "=", "%", "%zz=%zz", "%00=%00", "%ff=%ff", "\xe9=\xe9", "limit", "limit[]=1",
    "limit[$gt]=1", "limit=1&limit=2", "limit=1,2", "currency=USD&currency=EUR", "dry_run=true&dry_run=false",
    "dry_run=false&dry_run=true", "LIMIT=1", "Dry_Run=true", "status=placed&status=draft", "cursor=a&cursor=b",
    "__proto__[x]=1", "_method=DELETE", "x" * 5000, "a=" + "b" * 5000, ";".join(["a=1"] * 50),
    "&".join(f"p{number}=1" for number in range(1000)), "&".join(["limit=1"] * 1000),
    "&".join(["dry_run=true"] * 200),
)
HEADERS = {
    "Idempotency-Key": (
        "", " ", "x" * 255, "x" * 256, "x" * 5000, "é", "\u2028", "💥", "a b", "a\tb", "\x7f", "\x01", "a,b", '"',
        "../..", "{}", "%00", "null",
    ),
    "If-Match": (
        "", " ", "*", "* ", "*,*", "1", '"1"', 'W/"1"', 'w/"1"', '"0"', '"-1"', '"01"', '"1', '1"', '""', '"x"',
        '"1", "2"', '"\u0663"', '"1\x7f"', '"' + "9" * 15 + '"', '"' + "9" * 16 + '"', '"' + "9" * 4000 + '"',
        '"1.0"', '"1e3"', "é", "💥", "nonsense",
    ),
    "Order-Token": (
        "", " ", ".", "..", "k1", "k1.", ".x", "k1." + "A" * 43, "k1." + "A" * 390, "k1." + "A" * 5000, "k2.x",
        "é.é", "💥", "\x01", "k1.\x7f", "k1.AAAA,k1.BBBB", "null", "k1.=====", "K1.x", "k1.x.y.z",
    ),
    "Stripe-Signature": (
        "", "t=", "t=1", "v1=", "t=1,v1=0", "t=99999999999999999999,v1=0", "t=-1,v1=00", "t=1e3,v1=0", "t=NaN,v1=0",
        "t=\u0661,v1=0", "=,=", ",,,", "t", "t=1=2,v1==", "v1=é", "t=1,v1=" + "0" * 4000, "t=1," * 500, "💥",
        "t=1,v0=0", "t=1;v1=0", "\x01",
    ),
    "Authorization": (
        "", " ", "Bearer", "Bearer ", "bearer x", "Bearer x y", "Bearer twsk_", "Bearer twsk_x_y", "Bearer twsk__",
        "Bearer " + "a" * 5000, "Basic YTpi", "Bearer é", "Bearer 💥", "Bearer \x01", "Bearer %00",
        "Bearer twsk_" + "a" * 26 + "_" + "b" * 52, "Bearer null", "Bearer eyJhbGciOiJub25lIn0.e30.",
    ),
    "Content-Type": (
        "", " ", "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
        "multipart/form-data; boundary=x", "application/JSON", "APPLICATION/JSON ; CHARSET=UTF-8",
        "application/json; charset=utf-16", "application/json; charset=", "application/json;;;;",
        "application/json, text/plain", "application/json; charset=nonsense", "application/problem+json",
        "application/vnd.api+json", "application/*", "*/*", "json", "/", ";", "application/json\x01",
        "application/json; x=" + "y" * 4000, "text/json", "application/octet-stream", "image/png", "é",
    ),
    "Content-Encoding": (
        "gzip", "br", "identity", "deflate, gzip", "nonsense",
    ),
    "Content-Length": (
        "-1", "9" * 30, "x",
    ),
    "X-HTTP-Method-Override": (
        "DELETE", "GET", "x",
    ),
    "X-HTTP-Method": (
        "DELETE",
    ),
    "X-Method-Override": (
        "PUT",
    ),
    "X-Forwarded-For": (
        "", ",", ",,,,", "not, an, address", "127.0.0.1", "::1", "1.2.3.4:5", "[::1]:80", "999.999.999.999",
        "1.2.3.4," * 300, "é", "\x01", "::ffff:1.2.3.4%eth0",
    ),
    "User-Agent": (
        "", "é", "💥", "\x01", "x" * 5000, "a\tb",
    ),
    "Cookie": (
        "", ";;;", "a=1; a=2", "x" * 5000, "é=é", "=;=", "💥",
    ),
    "Origin": (
        "null", "https://evil.example", "é", "https://evil.example\x01",
    ),
    "Accept": (
        "text/html", "application/xml", "*/*;q=0", "nonsense", "",
    ),
    "Host": (
        "evil.example", "",
    ),
    "X-Original-URL": (
        "/v1/admin/orders",
    ),
    "X-Rewrite-URL": (
        "/v1/admin/orders",
    ),
    "X-Forwarded-Proto": (
        "javascript",
    ),
    "X-Forwarded-Host": (
        "evil.example",
    ),
    "Forwarded": (
        "for=evil;proto=x;by=\x01",
    ),
    "X-Request-Id": (
        "x\x01",
    ),
    "X-Amzn-Trace-Id": (
        "x" * 3000,
    ),
    "Accept-Encoding": (
        "gzip;q=0, *;q=0",
    ),
    "Range": (
        "bytes=0-0",
    ),
    "If-None-Match": (
        "*",
    ),
    "If-Modified-Since": (
        "nonsense",
    ),
    "Expect": (
        "nonsense",
    ),
    "Upgrade": (
        "websocket",
    ),
    "__proto__": (
        "x",
    ),
}
SEVERAL_HEADERS = (
    (("Idempotency-Key", "a"), ("Idempotency-Key", "b")), (("If-Match", '"1"'), ("If-Match", '"2"')),
    (("Content-Type", "application/json"), ("Content-Type", "text/plain")),
    (("Content-Type", "text/plain"), ("Content-Type", "application/json")), (("X-" + "y" * 3000, "z"),),
    tuple((f"X-Many-{number}", "1") for number in range(300)),
)
BODIES: tuple[bytes, ...] = (
    b"", b" ", b"\n", b"\x00", b"{", b"}", b"[]", b"[{}]", b"null", b"true", b"0", b'"text"', b"{}", b"{}{}",
    b"{} {}", b"{},", b"{}\x00", b"\x00{}", b"{}garbage", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00",
    b"\xfe\xff\x00{\x00}", "{}".encode("utf-32"), b"\xff", b"\xc3", b"\xc3\x28", SURROGATE,
    b'{"a":"' + SURROGATE + b'"}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"\\ud800":1}', b'{"a":"\\udc00\\ud800"}',
    b'{"a":"\\u0000"}', b'{"a":"\x00"}', b'{"a":"\n"}', b'{"a":"\\x"}', b'{"a":"\\u12"}', b"{'a':1}", b"{a:1}",
    b'{"a":1,}', b'{"a":1,"a":2}', b'{"a":{"b":1,"b":2}}', b'{"a":[{"b":1,"b":2}]}', b'{"a":/*x*/1}', b'{"a":1}//x',
    b'{"a":+1}', b'{"a":01}', b'{"a":.5}', b'{"a":1.}', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}',
    b'{"a":1e999}', b'{"a":-1e999}', b'{"a":1e-999}', b'{"a":1E400}', b'{"a":0x10}', b'{"a":-0}', b'{"a":-0.0}',
    b'{"a":' + b"9" * 21 + b"}", b'{"a":' + b"9" * 5000 + b"}", b'{"a":0.' + b"3" * 5000 + b"}",
    b'{"a":1e' + b"9" * 5000 + b"}", b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b'{"a":' * DEEP,
    b'{"a":' * DEEP + b"1" + b"}" * DEEP, b'{"a":[' * 13 + b"]}" * 13, b'{"a":"' + b"[" * DEEP + b'"}', b'"' * DEEP,
    b'{"a":"' + b"x" * 70_000 + b'"}', b" " * 70_000, b"{" + b" " * 65_000 + b"}", b'{"' + b"k" * 60_000 + b'":1}',
    b"{" + b",".join(b'"k%d":1' % number for number in range(5000)) + b"}", b'{"__proto__":{"admin":true}}',
    b'{"constructor":1}', b'{"":1}', b'{" ":1}', b'{"$where":"1"}',
    b'{"status":"placed","role":"admin","id":"x","version":1,"owner":"y"}', b"<xml/>",
    b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', b"a=1&b=2", b"--x\r\n\r\n--x--",
    b"\x1f\x8b\x08\x00", b"e30=", b"%7B%7D", b"!!python/object:x {}", b"- a\n- b",
)
TYPES = (
    "", "application/octet-stream", "application/x-www-form-urlencoded", "text/plain",
    "multipart/form-data; boundary=x",
)
TEXTS = (
    "", " ", "\t", "\n", "\r\n", "\x00", "a\x00b", "\x01", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff",
    "\u200b", "\u202etxt", "\u2066x\u2069", "\ufffe", "\uffff", "\U0010ffff", "💥", "👨‍👩‍👧‍👦", "🇦🇶", "e\u0301",
    "é", "\ufb01", "\uff21", "\u0130", "ß", "\u0131", "א\u05b0", "مرحبا", "漢字" * 90, "Z" + "\u0338" * 150,
    "x" * 200, "x" * 201, "x" * 30_000, "💥" * 200, "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>",
    "<img src=x onerror=y>", "'; DROP TABLE orders;--", '"', "\\", "%s%s%n", "{0}", "{{ shop_name }}",
    "../../etc/passwd", "a@example.com\r\nBcc: b@example.com", "=cmd|' /C calc'!A0", "4242 4242 4242 4242",
    "4000-0025-0000-3155", "javascript:alert(1)", "https://\u202eevil.example", "data:text/html,x", "null",
    "undefined", "true", "NaN", "0", "-1", "1e999", "__proto__", "constructor", "#pk", ":sk", "cart_x", "ord_x",
    "cat_x", "USD", "usd", "US", "us", "ZZ", "main", "MAIN", "*", "a@b", "a@b.c", "a@example.com.", "a@-x.example",
    '"a b"@example.com', "a@[127.0.0.1]", "a+b@example.com", "ä@example.com", "a@exämple.com", "a@xn--x.example",
    "a@💥.example", "a" * 64 + "@example.com", "a" * 65 + "@example.com", "a@" + "x" * 250 + ".com",
    "<a@example.com>", "A <a@example.com>", "a@example.com,b@example.com", "@", "a@@example.com",
)
NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**53, 2**53 + 1, 2**63, -(2**63), 10**19, 10**20 - 1, 1.0, 1.5, -0.0, 1e18, 1e300, "1", "",
    "1e3", True, False, None, [], [1], {}, {"$gt": 0},
)
WRITTEN = (
    '"\\ud800"', '"\\u0000"', '"\ud800"', "1e999", "-1e999", "NaN", "Infinity", "9" * 400, "1" + "0" * 30,
    "1.0000000000000000000000001", "1e2", "-0", "0.1e1",
)
OTHERS: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, "", "x", [], [None], [[]], {}, {"x": 1}, {"": None}, [1] * 3000, {"amount": 1},
    {"amount": 1, "currency": "XXX"}, {"amount": -1, "currency": "USD"},
)
# fmt: on
