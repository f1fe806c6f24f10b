"""The services behind the store on one machine: DynamoDB Local (or moto's), and moto for the others."""
