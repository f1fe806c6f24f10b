"""How many can buy one SKU at the same moment: a simulation, because no local engine refuses transactions that meet.

simulator   a table as DynamoDB's, the kernel's repeats and the checkout's choice of shards, in virtual time
__main__    `make contention`: writes the table of docs/performance.md
"""
