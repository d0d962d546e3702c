"""``yijianshi person``: persons and their employers."""

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import click

from engine.commands.import_people import import_people
from engine.errors import Invalid
from webapp.cli._installation import installation

#: What the columns are called in the file.
COLUMNS = {
    "name": "姓名",
    "id_no": "身份证号",
    "mobile": "手机号",
    "unit": "单位名称",
    "uscc": "统一社会信用代码",
}


@click.group()
def command() -> None:
    """人员：一人一档。"""


@command.command(name="import")
@click.argument("region")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(region: str, file: Path) -> None:
    """从 CSV 文件登记人员和所在单位；有一处错误就一个也不登记，可重复执行。

    第一行写列名：姓名、身份证号、手机号、单位名称、统一社会信用代码。灵活就业人员后两列留空。
    """
    rows = _rows(file)
    with installation() as opened:
        opened.require_region(region)
        try:
            people = list(rows.values())
            count = import_people(opened.runtime, region, people, opened.operator)
        except Invalid as error:
            lines = list(rows)
            for place, message in error.errors.items():
                row, _, field = place.partition(".")
                where = f"{file.name} 第 {lines[int(row)]} 行，{COLUMNS[field]}"
                click.echo(f"{where}：{message}", err=True)
            raise Invalid(error.message) from None
    click.echo(f"已登记 {count} 人。")


def _rows(file: Path) -> dict[int, Mapping[str, str]]:
    """Line of the file → the person written there; empty lines are passed over."""
    rows: dict[int, Mapping[str, str]] = {}
    reader = csv.reader(StringIO(_text(file)))
    try:
        titles = next(reader, [])
        missing = set(COLUMNS.values()) - set(titles)
        if missing:
            raise Invalid(f"{file.name} 第 1 行缺少列：{'、'.join(sorted(missing))}。")
        for cells in reader:
            if any(cells):
                row = dict(zip(titles, cells, strict=False))
                rows[reader.line_num] = {
                    field: row.get(title, "") for field, title in COLUMNS.items()
                }
    except csv.Error as error:
        raise Invalid(f"{file.name} 第 {reader.line_num} 行不是有效的 CSV。") from error
    return rows


def _text(file: Path) -> str:
    """The file's text; spreadsheet programs in China write either encoding."""
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(f"{file.name} 不是文本文件，请另存为 CSV 格式。")
