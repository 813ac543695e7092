"""The reader of fenced blocks finds what a person would type."""

from tests.docs.fences import blocks_of

PAGE = """# A page

1. A list:

   ```sh
   one   # with a comment
   # a comment

   two \\
     --more
   cat > x <<'END'
   one line
   # another
   END
   three
   ```

```
output
```

```console
$ four
```
"""


def test_blocks_have_language_place_and_text_without_indent() -> None:
    """As Markdown shows them, in order."""
    shell, output, console = blocks_of(PAGE, "a.md")
    assert (shell.language, shell.line_number) == ("sh", 6)
    assert shell.text.startswith("one   # with a comment\n")
    assert (output.language, output.text) == ("", "output\n")
    assert [command.text for command in console.commands()] == ["four"]


def test_commands_keep_the_lines_that_continue_them() -> None:
    """Comments and empty lines are none."""
    commands = next(blocks_of(PAGE, "a.md")).commands()
    assert [(command.place, command.text) for command in commands] == [
        ("a.md:6", "one   # with a comment"),
        ("a.md:9", "two \\\n  --more"),
        ("a.md:11", "cat > x <<'END'\none line\n# another\nEND"),
        ("a.md:15", "three"),
    ]
