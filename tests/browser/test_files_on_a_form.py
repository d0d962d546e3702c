"""Files in a real browser: dropped, pasted, refused with a reason, looked at beside the form."""

import base64
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_typing_is_kept import Desk, desk
from tests.media import PDF, png

__all__ = ["desk"]

HAND_OVER = """(node, [kind, files]) => {
  const data = new DataTransfer();
  for (const [name, type, bytes] of files) {
    const content = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
    data.items.add(new File([content], name, { type }));
  }
  const event = kind === 'drop'
    ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
    : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
  node.dispatchEvent(event);
}"""


def hand_over(page: Page, kind: str, *files: tuple[str, str, bytes]) -> None:
    """Drop files on the field for evidence, or paste them there."""
    packed = [(name, media, base64.b64encode(content).decode()) for name, media, content in files]
    page.locator("fieldset.app-files").evaluate(HAND_OVER, [kind, packed])


def test_files_are_dropped_pasted_refused_and_looked_at_without_leaving_the_form(
    page: Page, desk: Desk, accessible: Callable[[Page], None], expected_errors: list[str]
) -> None:
    expected_errors.append("422")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("radio", name="同意", exact=True).check()
    page.get_by_label("视同缴费依据", exact=True).fill("招工登记表")
    files = page.locator("fieldset.app-files")
    sheet, wages = ("登记表.png", "image/png", png()), ("工资表.pdf", "application/pdf", PDF)
    hand_over(page, "drop", sheet, wages)
    expect(files.get_by_text("已上传 2 个")).to_be_visible()
    hand_over(page, "paste", ("截图.png", "image/png", png(3, 2)))
    expect(files.get_by_text("已上传 3 个")).to_be_visible()
    hand_over(page, "drop", ("程序.pdf", "application/pdf", b"MZ"))
    expect(files.get_by_text("“程序.pdf”没有上传：文件类型不能识别")).to_be_visible()
    hand_over(page, "drop", ("大图.png", "image/png", bytes(10 * 1024 * 1024 + 1)))
    expect(files.get_by_text("“大图.png”没有上传：文件超过 10 MB")).to_be_visible()
    expect(files.get_by_text("已上传 3 个")).to_be_visible()
    expect(page.get_by_label("视同缴费依据", exact=True)).to_have_value("招工登记表")

    files.get_by_role("link", name="登记表.png").click()
    viewer = page.get_by_role("dialog", name="登记表.png")
    picture = viewer.get_by_role("img", name="登记表.png")
    expect(picture).to_be_visible()
    accessible(page)
    viewer.get_by_role("button", name="右转").click()
    assert "rotate(90deg)" in str(picture.get_attribute("style"))
    # the form stays usable beside it
    page.get_by_label("视同缴费依据", exact=True).fill("招工登记表、工资表")
    viewer.get_by_role("button", name="下一个").click()
    expect(page.get_by_role("dialog", name="工资表.pdf")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("button", name="复制姓名").click()
    expect(page.get_by_role("button", name="复制姓名，已复制")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "张建国"
    page.get_by_role("button", name="复制全部：退休人员").click()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.splitlines()[0] == "姓名\t张建国" and "220199********0016" in copied
    page.locator("summary").filter(has_text="申请人").click()
    page.reload()
    expect(page.get_by_role("button", name="复制姓名")).to_be_visible()
    expect(page.get_by_role("button", name="复制申请方式")).to_be_hidden()
    expect(files.get_by_text("已上传 3 个")).to_be_visible()  # saved by itself
