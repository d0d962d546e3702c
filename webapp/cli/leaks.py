"""``yijianshi leaks``: proving that no number of a person stands anywhere in the clear."""

import sys
from pathlib import Path

import click
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from engine.database import prepare_database
from engine.leaks import find_leaks, texts
from engine.queries.leaks import database_leaks, searched_columns
from engine.settings import Settings


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(files: tuple[Path, ...]) -> None:
    """查找明文的身份证号、银行账号和手机号码：数据库各表各列，以及所列日志、网页、表格等文件。

    运行中也可查找；发现时退出码为 1。报告中号码已遮盖。
    """
    with prepare_database(Settings.from_environment()) as ready:
        engine = create_engine(str(ready.settings.database_owner_url), poolclass=NullPool)
        with engine.connect() as connection:
            columns = searched_columns(connection)
            found = list(database_leaks(connection))
    for file in files:
        for place, said in texts(file.name, file.read_bytes()):
            found += find_leaks(place, said)
    for leak in dict.fromkeys(found):
        click.echo(leak)
    searched = f"查找了 {len(columns)} 列和 {len(files)} 个文件"
    click.echo(
        f"{searched}，发现 {len(found)} 处明文。" if found else f"{searched}，没有发现明文。"
    )
    if found:
        sys.exit(1)
