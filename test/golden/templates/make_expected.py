"""Writes expected.json: what Python's Jinja2 makes of templates.json, in the environment of Hugging Face's chat templates.

Run: python make_expected.py   (Jinja2 3.1)
"""

import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
VARIABLES = {
    "messages": [
        {"role": "system", "content": "Be exact."},
        {"role": "user", "content": " Find 2+3 "},
    ],
    "add_generation_prompt": True,
    "enable_thinking": False,
    "tools": None,
    "documents": None,
    "bos_token": "<s>",
    "eos_token": "</s>",
}


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception

templates = json.loads((HERE / "templates.json").read_text(encoding="utf-8"))
expected = {"jinja2": jinja2.__version__, "variables": VARIABLES, "rendered": {}}
for name, template in templates.items():
    try:
        expected["rendered"][name] = environment.from_string(template).render(**VARIABLES)
    except Exception:
        expected["rendered"][name] = None  # Python refuses it
text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
(HERE / "expected.json").write_text(text, encoding="utf-8")
