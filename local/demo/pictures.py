"""Draw the product pictures: one SVG per product, the same on every machine.

    python -m local.demo.pictures --out .local/media

writes `.local/media/demo/<slug>.svg`, which the local store serves below `/media/demo/`.
"""

import argparse
import hashlib
from html import escape
from pathlib import Path
from string import Template

from local.demo.shop import DemoProduct, Palette, Wear, load_motifs, load_palettes, load_shop

SIZE = 800
HORIZON = 470
LABEL = 668
LONG_TITLE = 24

PICTURE = Template("""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800" role="img" aria-label="$title">
<title>$title</title>
<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="$sky_high"/>\
<stop offset="1" stop-color="$sky_low"/></linearGradient></defs>
<rect width="800" height="800" fill="url(#sky)"/>
<circle cx="$sun_x" cy="$sun_y" r="$sun_r" fill="#fffaf0" opacity=".5"/>
$waves
<ellipse cx="400" cy="604" rx="$shadow" ry="20" fill="$ink" opacity=".22"/>
<g transform="translate(150 152) scale(1.25)">
$drawing</g>
<rect y="668" width="800" height="132" fill="#fffdf8"/>
<path d="M0 668h800" stroke="$trim" stroke-width="6"/>
<g fill="$ink" text-anchor="middle" font-family="Georgia, 'Times New Roman', serif">
<text x="400" y="737" font-size="$font">$title</text>
<text x="400" y="774" font-size="17" letter-spacing="5" opacity=".6">$shop</text>
</g>
</svg>
""")


def picture(slug: str) -> str:
    """Return the picture of a product as an SVG document without scripts, links or fonts of its own.

    :raises KeyError: when there is no such product.
    """
    product = {product.slug: product for product in load_shop().products}[slug]
    palette = load_palettes()[product.category]
    dice = hashlib.sha256(slug.encode()).digest()
    return PICTURE.substitute(
        title=escape(product.title),
        shop=escape(load_shop().name.upper()),
        sky_high=palette.sky[0],
        sky_low=palette.sky[1],
        sun_x=150 + dice[0] * 2,
        sun_y=140 + dice[1] % 120,
        sun_r=90 + dice[2] % 70,
        waves=_waves(palette, dice),
        shadow=190 + dice[3] % 30,
        drawing=_drawing(product, palette, palette.wear[dice[4] % len(palette.wear)]),
        ink=palette.ink,
        trim=palette.trim,
        font=36 if len(product.title) > LONG_TITLE else 44,
    )


def _drawing(product: DemoProduct, palette: Palette, wear: Wear) -> str:
    colors = wear.model_dump() | {"trim": palette.trim, "ink": palette.ink}
    return Template(load_motifs()[product.motif]).substitute(colors)


def _waves(palette: Palette, dice: bytes) -> str:
    """Return three rows of swell, the nearer the darker."""
    return "\n".join(
        _wave(top=HORIZON + 62 * row, length=100 + dice[5 + row] % 60, phase=dice[8 + row] % 100, color=palette.sea)
        for row in range(3)
    )


def _wave(*, top: int, length: int, phase: int, color: str) -> str:
    height = 18
    crests = f"t{length} 0 " * (SIZE // length + 2)
    path = f"M{-phase - length} {top}q{length // 2} {-height} {length} 0 {crests}V{LABEL}H{-phase - length}z"
    return f'<path d="{path}" fill="{color}" opacity=".38"/>'


def write_pictures(directory: Path) -> int:
    """Write every product's picture below `directory`, and return how many there are."""
    target = directory / "demo"
    target.mkdir(parents=True, exist_ok=True)
    products = load_shop().products
    for product in products:
        (target / f"{product.slug}.svg").write_text(picture(product.slug), encoding="utf-8")
    return len(products)


def main() -> None:
    """Write the pictures where the command line says."""
    parser = argparse.ArgumentParser(prog="python -m local.demo.pictures", description="Draw the product pictures.")
    parser.add_argument("--out", type=Path, default=Path(".local/media"), help="the store's media folder")
    out = parser.parse_args().out
    print(f"{write_pictures(out)} pictures in {out / 'demo'}")


if __name__ == "__main__":
    main()
