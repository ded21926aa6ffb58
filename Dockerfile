# The image that AWS Lambda runs: the launcher, the stripped program, the server table, and the libraries it needs.
#
# Plain instructions only, no `RUN --mount`, here-document or `COPY --link`/`--chmod`: `sam build` calls Docker's
# classic builder through its API, which refuses them. Both base images are Debian bookworm, so the program meets the
# glibc, libcurl and libyaml that it was linked with. Amazon's copy of Docker's official images is not subject to
# Docker Hub's pull limit.

FROM public.ecr.aws/docker/library/swift:6.3-bookworm AS build

RUN apt-get update \
    && apt-get install -y --no-install-recommends libcurl4-openssl-dev libssl-dev libyaml-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src

# The dependencies first, so that a change in Sources does not fetch them again. The pattern takes Package.resolved too,
# where there is one.
COPY Package.* ./
RUN swift package resolve

# SwiftPM wants the folders of the test targets too, and compiles nothing in them.
COPY Sources ./Sources
COPY Tests ./Tests
RUN swift build -c release --product bootstrap --static-swift-stdlib \
    && mkdir /task \
    && strip -o /task/bootstrap.bin .build/release/bootstrap

# Last, since they change without a compilation. Lambda runs as a user who is not the files' owner: whatever the umask
# of the checkout was, everyone may read, and execute what is executable.
COPY bootstrap openai_servers.yaml LICENSE /task/
RUN chmod -R a+rX /task


FROM public.ecr.aws/docker/library/debian:bookworm-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libcurl4 libyaml-0-2 \
    && rm -rf /var/lib/apt/lists/*

COPY --from=build /task/ /var/task/

# By folder rather than by file: of the certificate authorities only the one that is needed is read.
ENV LAMBDA_TASK_ROOT=/var/task \
    SSL_CERT_DIR=/etc/ssl/certs
WORKDIR /var/task
ENTRYPOINT ["/var/task/bootstrap"]
