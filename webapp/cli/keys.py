"""``yijianshi keys``: the keys that personal data is sealed under."""

import os
import secrets
from pathlib import Path

import click
from sqlalchemy.orm import sessionmaker

from engine.commands.rotate_keys import Keys, rotate_keys
from engine.database import connect, prepare_database
from engine.errors import CannotStart
from engine.settings import Settings


@click.group()
def command() -> None:
    """密钥：个人数据的加密与检索。"""


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--drop-unknown",
    is_flag=True,
    help="身份证号不在登记中的经办人，平台登录作废，由本单位管理员重新设立。",
)
def rotate(folder: Path, drop_unknown: bool) -> None:
    """更换主密钥和检索密钥。请先停止网站和后台程序；中断后以同一文件夹再次运行即可继续。

    FOLDER 存放新的 master_key、index_key（各 64 位十六进制数），没有时自动生成。完成后请以这两个
    文件替换原来的密钥，或写入 YIJIANSHI_MASTER_KEY 和 YIJIANSHI_INDEX_KEY，再启动。
    """
    settings = Settings.from_environment()
    new = Keys(_kept(folder / "master_key"), _kept(folder / "index_key"), settings.cipher)
    with prepare_database(settings) as ready:
        old = Keys(ready.settings.master_key, ready.settings.index_key)
        engine = connect(str(ready.settings.database_url), pool_size=1)
        try:
            done = rotate_keys(sessionmaker(engine), old, new, drop_unknown=drop_unknown)
        finally:
            engine.dispose()
    click.echo(f"已更换 {done.wrapped} 个数据密钥，重建 {done.indexed} 人的检索值。")
    if done.indexed:
        click.echo("二次验证的恢复码已全部失效，请工作人员在“登录设备”中重新生成。")
    for name in done.forgotten:
        click.echo(f"须由本单位管理员重新设立才能从平台登录：{name}")
    click.echo(f"新密钥在 {folder}，请替换旧密钥后再启动。")


def _kept(file: Path) -> bytes:
    """The key in a file; made first if it is not there."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as fresh:
            fresh.write(secrets.token_hex(32))
            fresh.flush()
            os.fsync(fresh.fileno())
    try:
        key = bytes.fromhex(file.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise CannotStart(f"{file} 应为 64 位十六进制数。（{file} must hold 64 hex digits）")
    return key
