"""``yijianshi english``: which words of pages, forms and regions have no English yet."""

import sys

import click

from webapp.translation.sources import untranslated


@click.command()
def command() -> None:
    """列出还没有英文的文字及其所在文件；译文写在 webapp/translation/en/ 的 .po 文件中。

    保留中文的，译文与原文相同。有未译的文字时退出码为 1。
    """
    words = untranslated()
    for word, places in words.items():
        click.echo(f"{word}\t{'、'.join(places)}")
    click.echo(f"共 {len(words)} 条未译。" if words else "全部文字都有英文。")
    if words:
        sys.exit(1)
