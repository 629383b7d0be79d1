# Each target prepares what it needs; `python3 -m dev --help` says more.
.DEFAULT_GOAL := help
.PHONY: help demo up test check bench

help: ## show this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: ## the whole product with a believable day of visitors; ONCE=1 prints the summary and exits
	@python3 -m dev demo $(if $(ONCE),--once)

up: ## the whole product on loopback, empty, until Ctrl-C
	@python3 -m dev up

test: ## every test, browser tests included
	@python3 -m dev test

check: ## lint, types, import directions, address discipline, the committed table, and the real `vercel build`
	@python3 -m dev check

bench: ## speed, memory and size, each beside its peer in the same run
	@python3 -m dev bench
