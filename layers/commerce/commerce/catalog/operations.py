"""Changes of the catalog. Each is one transaction with its event and its idempotency row."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from commerce.catalog import listings, staff_queries
from commerce.catalog.availability import Offer, offer_of
from commerce.catalog.events import CategoryCreated, CategoryUpdated, ProductCreated, ProductUpdated
from commerce.catalog.foreseen_prices import foreseen
from commerce.catalog.model import (
    DEEPEST_CATEGORY,
    MOST_CATEGORIES,
    Category,
    Product,
    ProductVariant,
    Variant,
    cart_variants,
    check,
    line_of,
    slug_of,
)
from commerce.catalog.price_history import followed
from commerce.catalog.records import (
    CATEGORIES,
    CATEGORY,
    PRODUCT,
    VARIANT,
    CategoryRecord,
    CategorySlugRecord,
    ListingRecord,
    ProductCopy,
    ProductRecord,
    VariantRecord,
    all_categories,
    listing_keys,
    listing_sort_key,
    product_key,
    shelf_key,
    sku_key,
    variant_read,
)
from commerce.catalog.staff_schemas import (
    CategoryChanges,
    NewCategory,
    NewProduct,
    NewVariant,
    ProductChanges,
    StaffCategory,
    StaffProduct,
    staff_category,
    staff_product,
)
from commerce.kernel.call import Call
from commerce.kernel.errors import Conflict, Fault, Invalid, Unavailable, WriteConflict
from commerce.kernel.ids import new_id
from commerce.kernel.outbox import Event, announce
from commerce.kernel.reads import fetch, get
from commerce.kernel.retrying import Patience, again_after
from commerce.kernel.transactions import commit, create, put
from commerce.prices import queries as prices
from commerce.prices.model import Dots, SkuPrices


class UnknownCategory(Invalid):
    code = "catalog.unknown_category"
    title = "There is no such category"


class CategoryTooDeep(Invalid):
    code = "catalog.category_too_deep"
    title = f"Categories nest {DEEPEST_CATEGORY} deep at most"


class TooManyCategories(Conflict):
    code = "catalog.too_many_categories"
    title = f"A shop has {MOST_CATEGORIES} categories at most"


class _CategoryMoved(WriteConflict):
    """The category changed since it was read: read it again and repeat."""


class _Busy(Unavailable):
    """A row is in somebody's transaction right now."""


_again_when_moved = again_after(listings.ProductMoved, _CategoryMoved, patience=Patience(attempts=6, first_wait=0.01))
_again_when_busy = again_after(_Busy, patience=Patience(attempts=6, longest_wait=0.4))


@_again_when_moved
def create_product(*, new: NewProduct, call: Call) -> StaffProduct:
    """Add a product to the catalog.

    :raises SlugTaken: when another product has the slug.
    :raises SkuTaken: when a SKU belongs to another product, now or in the past.
    :raises UnknownCategory: when a category does not exist.
    :raises Invalid: when its parts do not fit together, or not into the store's rows.
    """
    own, shelves = _shelves(new.category_ids)
    product = Product(
        id=new_id("prod"),
        slug=new.slug if new.slug is not None else slug_of(new.title),
        title=new.title,
        description=new.description,
        images=new.images,
        attributes=new.attributes,
        category_ids=new.category_ids,
        category_slugs=own,
        shelves=shelves,
        status=new.status,
        tax_class=new.tax_class,
        options=new.options,
        variants=_variants(new.variants, product_title=new.title),
        version=1,
        created_at=call.now,
        updated_at=call.now,
    )
    event = ProductCreated(product_id=product.id, slug=product.slug, status=product.status)
    return _written(product, before=None, event=event, call=call)


@_again_when_moved
def update_product(*, product_id: str, changes: ProductChanges, call: Call) -> StaffProduct:
    """Change what is given of a product, and leave the rest.

    A SKU that is taken out of it stays with it: it cannot be bought, and no other product can have it.

    :raises ProductNotFound: when there is none.
    :raises StaleVersion: when the caller saw another version.
    :raises SlugTaken: when another product has the slug.
    :raises SkuTaken: when a SKU belongs to another product, now or in the past.
    :raises UnknownCategory: when a category does not exist.
    :raises TooManyWrites: when it exchanges more rows than one transaction may.
    :raises Invalid: when its parts do not fit together, or not into the store's rows.
    """
    before = staff_queries.product_record(product_id=product_id)
    old = before.product
    call.check_version(old.version)
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    if "category_ids" in given:
        given["category_slugs"], given["shelves"] = _shelves(changes.category_ids)
    if "variants" in given:
        given["variants"] = _variants(changes.variants, product_title=given.get("title", old.title))
    product = old.model_copy(update=given | {"version": old.version + 1, "updated_at": call.now})
    event = ProductUpdated(product_id=product.id, slug=product.slug, status=product.status)
    return _written(product, before=before, event=event, call=call)


def product_again(*, resource: str, call: Call) -> StaffProduct:  # noqa: ARG001 - the signature of every replay.
    """Return the product of a call that had its effect before."""
    return staff_queries.product(product_id=resource)


@_again_when_moved
def create_category(*, new: NewCategory, call: Call) -> StaffCategory:
    """Add a category to the tree.

    :raises SlugTaken: when another category has the slug.
    :raises UnknownCategory: when the parent does not exist.
    :raises CategoryTooDeep: when the parent is at the deepest level.
    :raises TooManyCategories: when the shop has its full number.
    """
    tree = {category.id: category for category in all_categories(consistent=True)}
    if len(tree) >= MOST_CATEGORIES:
        raise TooManyCategories
    category = Category(
        id=new_id("cat"),
        slug=new.slug if new.slug is not None else slug_of(new.title),
        title=new.title,
        description=new.description,
        parent_id=new.parent_id,
        position=new.position,
        version=1,
        created_at=call.now,
        updated_at=call.now,
    )
    if new.parent_id is not None and new.parent_id not in tree:
        raise _unknown_category(new.parent_id, param="parent_id")
    if len(line_of(category, tree)) > DEEPEST_CATEGORY:
        raise CategoryTooDeep(errors=(Fault("parent_id", CategoryTooDeep.code, CategoryTooDeep.title),))
    taken = CategorySlugRecord(pk=shelf_key(category.slug), sk=CATEGORY, category_id=category.id)
    commit(
        [
            create(_category_row(category)),
            create(taken, refused=lambda _: listings.slug_taken(category.slug)),
            announce(
                CategoryCreated(category_id=category.id, slug=category.slug),
                aggregate=f"category#{category.id}",
                sequence=1,
                call=call,
            ),
            call.once.row(category.id) if call.once else None,
        ]
    )
    return staff_category(category)


@_again_when_moved
def update_category(*, category_id: str, changes: CategoryChanges, call: Call) -> StaffCategory:
    """Change what is given of a category, and leave the rest. Its slug and its parent never change.

    :raises CategoryNotFound: when there is none.
    :raises StaleVersion: when the caller saw another version.
    """
    old = staff_queries.category_record(category_id=category_id).category
    call.check_version(old.version)
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    category = old.model_copy(update=given | {"version": old.version + 1, "updated_at": call.now})
    commit(
        [
            put(
                _category_row(category),
                condition=CategoryRecord.version == old.version,
                refused=lambda _: _CategoryMoved(),
            ),
            announce(
                CategoryUpdated(category_id=category.id, slug=category.slug),
                aggregate=f"category#{category.id}",
                sequence=category.version,
                call=call,
            ),
            call.once.row(category.id) if call.once else None,
        ]
    )
    return staff_category(category)


def category_again(*, resource: str, call: Call) -> StaffCategory:  # noqa: ARG001 - the signature of every replay.
    """Return the category of a call that had its effect before."""
    return staff_category(staff_queries.category_record(category_id=resource).category)


def record_availability(
    *, sku: str, available: int, channels: Mapping[str, int] | None = None, revision: int, now: datetime
) -> None:
    """Remember how many of a SKU can be sold, and show it wherever its product is shown.

    Monotone and idempotent: an older revision changes nothing, and a repeat finishes what was left undone. It may come
    before the product and never touches the product's version.

    :param available: how many the shop's own storefront is offered.
    :param channels: how many channels are offered for which that is another number.
    :param revision: grows with each change of the SKU's stock, and of the locations.
    :raises Unavailable: when DynamoDB does not answer, or when the rows stayed in others' transactions.
    """
    newer = VariantRecord.availability_revision.does_not_exist() | (VariantRecord.availability_revision < revision)
    actions = [
        VariantRecord.available.set(available),
        VariantRecord.by_channel.set(dict(channels)) if channels else VariantRecord.by_channel.remove(),
        VariantRecord.availability_revision.set(revision),
        VariantRecord.projected_at.set(now),
    ]
    offer = offer_of(available, channels or {})
    variant = VariantRecord(pk=sku_key(sku), sk=VARIANT)
    if not _moved_on(variant, actions, newer):
        # Whatever came later may have stopped half-way: carry on with what is known by now.
        variant = get(VariantRecord, sku_key(sku), VARIANT) or variant
        offer, revision = variant.offer, int(variant.availability_revision)
    if not variant.product_id:
        return
    product = ProductRecord(pk=product_key(variant.product_id), sk=PRODUCT)
    if not _show(product, sku, offer, revision, ProductRecord.availability_revision.add(1)):
        found = get(ProductRecord, product.pk, PRODUCT)
        if found is None or sku not in found.revisions:
            return
        product, offer, revision = found, found.available[sku], found.revisions[sku]
    sort_key = listing_sort_key(product.product)
    for partition in listing_keys(product.product):
        _show(ListingRecord(pk=partition, sk=sort_key), sku, offer, revision)


def _show(row: ProductCopy, sku: str, offer: Offer, revision: int, *more: Action) -> bool:
    kind = type(row)
    actions = [kind.available[sku].set(offer), kind.revisions[sku].set(revision), *more]
    return _moved_on(row, actions, kind.revisions[sku] < revision)


@_again_when_busy
def _moved_on(row: ProductCopy | VariantRecord, actions: Sequence[Action], condition: Condition) -> bool:
    """Update a row and read it back, unless its condition refuses."""
    try:
        row.update(list(actions), condition=condition)
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise _Busy from error
    return True


def _written(product: Product, *, before: ProductRecord | None, event: Event, call: Call) -> StaffProduct:
    check(product)
    old = before.product if before is not None else None
    wanted, had = cart_variants(product), cart_variants(old) if old is not None else {}
    concerned = sorted(wanted.keys() | had.keys()) if _is_repriced(wanted, had) else []
    reads = [*(variant_read(sku) for sku in concerned), *(prices.shop_reads() if concerned else [])]
    answers = fetch(reads)
    claimed: Mapping[str, VariantRecord | None] = {sku: answers.get(variant_read(sku)) for sku in concerned}
    shop = prices.shop_prices(answers=answers) if concerned else None
    timelines = _timelines(wanted, had, claimed, is_new=before is None, now=call.now)
    own = {sku: record.sku_prices() for sku, record in claimed.items() if record is not None}
    for sku, timeline in timelines.items():
        own[sku] = own.get(sku, SkuPrices()).model_copy(update={"timeline": timeline})
    shown = (before.shown or {}) if before is not None else {}
    if shop is not None:
        shown = foreseen(product, own, shop, now=call.now)
    row = listings.product_row(product, before=before, claimed=claimed, shown=shown)
    commit(
        [
            *listings.changes(row, before=before, claimed=claimed, timelines=timelines),
            shop.unmoved(refused=lambda _: listings.ProductMoved()) if shop is not None else None,
            announce(event, aggregate=f"product#{product.id}", sequence=product.version, call=call),
            call.once.row(product.id) if call.once else None,
        ]
    )
    return staff_product(product, row.available)


def _is_repriced(wanted: Mapping[str, Variant], had: Mapping[str, Variant]) -> bool:
    """Tell whether a change is one of prices, or of what price rules look at."""
    return {sku: _priced_by(variant) for sku, variant in wanted.items()} != {
        sku: _priced_by(variant) for sku, variant in had.items()
    }


def _priced_by(variant: Variant) -> tuple[object, ...]:
    return (variant.prices, variant.compare_at, variant.cost, variant.sellable, variant.shelves)


def _timelines(
    wanted: Mapping[str, Variant],
    had: Mapping[str, Variant],
    known: Mapping[str, VariantRecord | None],
    *,
    is_new: bool,
    now: datetime,
) -> dict[str, dict[str, Dots]]:
    """Return the timelines that a change adds to. A new product needs none: it costs what it always cost."""
    found = {}
    for sku, record in known.items():
        own = record.sku_prices() if record is not None else SkuPrices()
        after = wanted.get(sku) or had[sku].model_copy(update={"sellable": False})
        if is_new and not own.timeline:
            continue
        timeline = followed(old=had.get(sku), new=after, prices=own, now=now)
        if timeline is not None:
            found[sku] = timeline
    return found


def _variants(new: Sequence[NewVariant], *, product_title: str) -> list[ProductVariant]:
    return [
        ProductVariant(
            sku=variant.sku,
            title=variant.title or " / ".join(variant.options.values()) or product_title,
            options=variant.options,
            prices=variant.prices,
            weight_grams=variant.weight_grams,
            length_mm=variant.length_mm,
            width_mm=variant.width_mm,
            height_mm=variant.height_mm,
            requires_shipping=variant.requires_shipping,
            gift_card=variant.gift_card,
            image=variant.image,
            compare_at=variant.compare_at,
            cost=variant.cost,
            measure=variant.measure,
        )
        for variant in new
    ]


def _shelves(category_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the slugs of the categories, and those with the slugs of all above them."""
    if not category_ids:
        return [], []
    tree = {category.id: category for category in all_categories(consistent=True)}
    for place, category_id in enumerate(category_ids):
        if category_id not in tree:
            raise _unknown_category(category_id, param=f"category_ids.{place}")
    own = dict.fromkeys(tree[category_id].slug for category_id in category_ids)
    shelves = dict.fromkeys(
        category.slug for category_id in category_ids for category in line_of(tree[category_id], tree)
    )
    return list(own), list(shelves)


def _unknown_category(category_id: str, *, param: str) -> UnknownCategory:
    message = f"There is no category '{category_id}'."
    return UnknownCategory(message, errors=(Fault(param, UnknownCategory.code, message),))


def _category_row(category: Category) -> CategoryRecord:
    return CategoryRecord(
        pk=CATEGORIES, sk=category.id, document=category.model_dump(mode="json"), version=category.version
    )
