# From Threads to Goroutines. Every verb sets up what it needs, once, in .venv.
PYTHON ?= python3
export PYTHON
start := binder/start
# The race detector needs a C compiler; binder/setup says so where there is none.
race := $(if $(shell command -v gcc || command -v clang),-race)
# So many runs of each fuzz test. A time instead of a number can end while a run is under way,
# which Go 1.26 takes for a failure (golang/go#75804); and what is new is hardly made shorter, which
# would take most of the time.
fuzz = for f in cluster/FuzzProtocol lock/FuzzModel parallel/FuzzMessages parallel/FuzzPlan pool/FuzzLife pool/FuzzMap queue/FuzzQueue thread/FuzzThread; do \
	$(start) go test -run='^$$' -fuzz="^$$(basename $$f)$$" -fuzztime=$(1)x -fuzzminimizetime=10x ./pkg/$$(dirname $$f) || exit 1; done

.DEFAULT_GOAL := help
.PHONY: help lab test test-packages html pdf student bench soak image image-check audit clean setup setup-test

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

lab: setup ## JupyterLab on the notebooks, in the browser (first time: about 5 minutes)
	@$(start) jupyter lab --ServerApp.ip=127.0.0.1 --LabApp.default_url=/lab/tree/notebooks

test: setup-test $(if $(ONLY),,test-packages) ## every check there is: Go, kernel, notebooks, pages in a browser; ONLY=03 tests one lesson
	@$(start) go test -count=1 -timeout=30m ./notebooks ./notebooks/site/...

test-packages: setup-test
	@unformatted=$$($(start) gofmt -l charts notebooks pkg); test -z "$$unformatted" || { echo "gofmt wants to change: $$unformatted"; exit 1; }
	@$(start) go vet ./...
	@cd charts/svg && ../../$(start) go vet . && ../../$(start) go test .
	@$(start) go test $(race) ./charts/... ./pkg/...
	@$(call fuzz,50000)
	@cd pkg/bench && ../../$(start) go vet ./... && ../../$(start) go test ./...

html: setup ## the course as pages that need no network, in build/html; SCALE=full or small, ONLY=03 runs one lesson, SOLUTIONS=no, TIMEOUT=600 seconds a cell
	@$(if $(SCALE),COURSE_SCALE=$(SCALE)) SOLUTIONS=$(SOLUTIONS) $(start) python notebooks/build.py $(if $(ONLY),--only=$(ONLY)) $(if $(TIMEOUT),--timeout=$(TIMEOUT))

pdf: setup-test ## the lessons as one file to print, build/course.pdf; SCALE and ONLY as for html
	@$(if $(SCALE),COURSE_SCALE=$(SCALE)) $(start) python notebooks/build.py --pdf=build/course.pdf $(if $(ONLY),--only=$(ONLY)) $(if $(TIMEOUT),--timeout=$(TIMEOUT))

student: setup ## the notebooks without their solutions, in build/student, for handing out
	@$(start) python notebooks/exercises/student.py

bench: setup build/bench-python ## speed beside peers, as ratios, in build/bench.json (8 minutes; first time 1.7 GB of peers)
	@cd pkg/bench && BENCH_PYTHON=$(CURDIR)/build/bench-python/bin/python ../../$(start) go run . -json ../../build/bench.json

# The peers in Python that the course itself has no use for: 1.7 GB, most of it MKL.
build/bench-python: pkg/bench/requirements.txt | setup
	@mkdir -p build && rm -rf $@
	@$(start) python -m venv $@ && $@/bin/python -m pip --disable-pip-version-check install --quiet --no-cache-dir -r $< || { rm -rf $@; exit 1; }
	@touch $@

soak: setup ## the long tests: a million operations on each lock, queue and thread, 1e9 normal numbers, a million runs of each fuzz test, each answer to an exercise 20 times, the lessons at full scale (70 minutes)
	@SOAK=1 $(start) go test -count=1 -timeout=30m ./pkg/lock ./pkg/montecarlo ./pkg/queue ./pkg/thread
	@SOAK=1 $(start) go test -count=1 -timeout=30m -v -run='^Test' ./pkg/cluster
	@$(call fuzz,1000000)
	@SOAK=1 $(start) go test -count=1 -timeout=90m -v ./notebooks -run='TestAnswers|TestFullScale'

image: ## the course as an image, with docker or podman (5 to 10 minutes); README.md says how to run it
	@binder/image build

image-check: ## builds the image with what is there, and runs it without a network, read-only, in 2 GiB
	@binder/image check

audit: setup ## asks for known vulnerabilities of all that the course is made from
	@$(start) binder/audit

clean: ## removes .venv and build: all that setting up and building made
	@chmod -R u+w .venv 2> /dev/null || true
	@rm -rf .venv build

setup:
	@binder/setup

setup-test:
	@binder/setup test
