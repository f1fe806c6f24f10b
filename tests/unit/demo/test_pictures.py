import re
from xml.etree import ElementTree as ET

import pytest

from local.demo.pictures import picture, write_pictures
from local.demo.shop import load_shop

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "defs", "linearGradient", "stop", "g", "rect", "circle", "ellipse", "path", "text"}
SLUGS = [product.slug for product in load_shop().products]


class TestPicture:
    @pytest.mark.parametrize("slug", SLUGS)
    def test_is_well_formed_and_only_drawn(self, slug):
        root = ET.fromstring(picture(slug))  # noqa: S314 - we drew it.

        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
        assert [name for element in root.iter() for name in element.attrib if name.startswith("on")] == []

    @pytest.mark.parametrize("slug", SLUGS)
    def test_loads_nothing_from_elsewhere(self, slug):
        drawn = picture(slug)

        assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]
        assert re.findall(r"url\(([^)]*)\)", drawn) == ["#sky"]
        assert "$" not in drawn

    def test_shows_the_title_as_text(self):
        root = ET.fromstring(picture("captains-flask"))  # noqa: S314 - we drew it.

        assert [text.text for text in root.iter(f"{SVG}text")] == ["Captain's Flask", "HARBOR GOODS"]

    def test_is_the_same_each_time(self):
        assert picture("enamel-mug") == picture("enamel-mug")

    def test_differs_from_product_to_product(self):
        assert len({picture(slug) for slug in SLUGS}) == len(SLUGS)

    def test_is_small(self):
        assert max(len(picture(slug).encode()) for slug in SLUGS) < 6_000

    def test_refuses_an_unknown_product(self):
        with pytest.raises(KeyError):
            picture("no-such-product")


class TestWritePictures:
    def test_writes_one_where_each_product_looks_for_its_own(self, tmp_path):
        count = write_pictures(tmp_path)

        assert count == len(SLUGS)
        assert all((tmp_path / product.image.removeprefix("/media/")).is_file() for product in load_shop().products)
