# What can be done here. `make start` and `make test` need nothing but npm; the container targets need Docker.
#
#   make start                  everything in one process, on http://127.0.0.1:8000     (ARGS='--target=auth-service')
#   make test                   every test, with the MariaDB and the Redis it starts     (ARGS=path/to/one.test.ts)
#   make prove                  every long proof at full size, figures to docs/evidence/    (WHAT=revocation)
#   make gate                   processor time of a request against bench/baseline.json: under a minute
#   make bench                  what a request costs, beside others, to bench/results/   (SCENARIO= CONTENDER= QUICK=1)
#   make check                  types, lint, format, dead code, tidiness: seconds
#   make up / down / logs       the three services in containers, with MySQL and Redis
#   make build / migrate        the image alone; the databases alone
#   make clean                  down, and this project's volumes and image with it: the data is gone

COMPOSE := docker compose

.PHONY: start test prove bench gate check types lint format-check dead-code tidy format build up down logs clean migrate

start:
	@./gatehouse serve $(ARGS)

test:
	@./gatehouse node test/run.ts $(ARGS)

prove:
	@./gatehouse node test/prove.ts $(WHAT)

bench:
	@SCENARIO='$(SCENARIO)' CONTENDER='$(CONTENDER)' QUICK='$(QUICK)' ./gatehouse node bench/bench.ts

gate:
	@./gatehouse node bench/gate.ts

check: types lint format-check dead-code tidy

types:
	@./gatehouse exec tsc --noEmit

lint:
	@./gatehouse exec oxlint --type-aware --deny-warnings

format-check:
	@./gatehouse exec oxfmt --check

dead-code:
	@./gatehouse exec knip

tidy:
	@./gatehouse node --test test/tidy.test.ts

format:
	@./gatehouse exec oxfmt

.env:
	@deploy/make-env

build: .env
	$(COMPOSE) build

up: .env
	$(COMPOSE) up --build --detach --wait

down: .env
	$(COMPOSE) down --remove-orphans

logs: .env
	$(COMPOSE) logs --follow

migrate: .env
	$(COMPOSE) run --rm migrate

clean: .env
	$(COMPOSE) down --remove-orphans --volumes --rmi local
