"""Fetching the files that go with a request, as an agency's own system would."""

from hashlib import sha256

import httpx

from handlers.envelope import FileBlock

MOST_BYTES = 12 * 1024 * 1024


def fetched(file: FileBlock, callback_url: str) -> str:
    """Fetch a file and compare its hash; return what is to be written down about it.

    Only the host that also takes feedback is asked: an address in a request is not to be trusted.
    """
    ours, theirs = httpx.URL(callback_url), httpx.URL(file.url)
    if (ours.scheme, ours.host, ours.port) != (theirs.scheme, theirs.host, theirs.port):
        return f"未取件：{file.name}（地址不可信）"
    try:
        with httpx.Client(timeout=2, trust_env=False) as client:
            answer = client.get(file.url)
    except httpx.HTTPError:
        return f"未取到：{file.name}（无法连接）"
    if answer.status_code != 200 or len(answer.content) > MOST_BYTES:
        return f"未取到：{file.name}（HTTP {answer.status_code}）"
    same = sha256(answer.content).hexdigest() == file.sha256
    return f"已取件：{file.name}（{'校验一致' if same else '校验不一致'}）"
