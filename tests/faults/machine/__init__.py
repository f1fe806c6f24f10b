"""The proof machine: a store that is broken at every call, in every order, and looked at after every write.

wire        every call that leaves the process: numbered, named, and struck by a fault
modes       what can go wrong with a call
world       a whole store on DynamoDB Local with the local Stripe inside: queues, streams, clock, and a way back
engine      a bare hand on DynamoDB Local: the machine looks at tables past the code that it judges
picture     the tables and Stripe's books as one consistent sight
subject     the store as its users reach it; outside: what AWS does around functions
guarantees  what a promise is; promises: G1-G14 as code, one name each
steps       everything that moves money or stock, one step under test each
cases       one case: a step, a scenario, a fault; what came of it
"""
