"""CloudFormation custom resource: prepare the store for its first sale."""

from commerce.entrypoints.custom_resource import custom_resource
from commerce.entrypoints.preparation import prepare_store

handler = custom_resource(prepare_store, worker="setup.prepare_store", physical_id="prepared-store")
