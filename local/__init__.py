"""Run the whole store on one machine from the templates that are deployed; never shipped."""
