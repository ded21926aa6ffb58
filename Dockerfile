# The image that AWS Lambda runs: what scripts/lay-task makes, and the certificate authorities.
#
# Plain instructions only, no `RUN --mount`, here-document or `COPY --link`/`--chmod`: `sam build` calls Docker's
# classic builder through its API, which refuses them. Both base images are Debian bookworm, so the program meets the
# glibc that it was linked with. Amazon's copy of Docker's official images is not subject to Docker Hub's pull limit.

FROM public.ecr.aws/docker/library/swift:6.3-bookworm AS build

WORKDIR /src

# What changes least comes first, so that a change in Sources neither compiles libcurl nor fetches packages again.
#
# In one step, so that the packages and the source of libcurl are of the same day: Debian's archive drops a version when
# it has the next. Packages are named here even where the base image has them, so they are Debian's newest. dpkg-dev
# unpacks Debian's sources.
COPY scripts/build-libcurl scripts/children.sh scripts/install-libraries ./scripts/
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates dpkg-dev libcurl4-openssl-dev libssl-dev libyaml-dev \
    && scripts/build-libcurl \
    && rm -rf /var/lib/apt/lists/*
# The pattern takes Package.resolved too, where there is one.
COPY Package.* ./
RUN swift package resolve --scratch-path .build-static

# SwiftPM wants the folders of the test targets too, and compiles nothing in them.
COPY Sources ./Sources
COPY Tests ./Tests
COPY scripts ./scripts
RUN scripts/build-release bootstrap

# Last, since they change without a compilation. In a step of its own SwiftPM would compile everything once more: layers
# keep the times of files in whole seconds.
COPY bootstrap openai_servers.yaml LICENSE ./
RUN scripts/lay-task /task && cp /usr/share/doc/ca-certificates/copyright /task/licenses/ca-certificates


FROM public.ecr.aws/docker/library/debian:bookworm-slim

# The program has TLS inside. Debian's package of the certificate authorities would bring OpenSSL once more.
COPY --from=build /usr/share/ca-certificates/ /usr/share/ca-certificates/
COPY --from=build /etc/ssl/certs/ /etc/ssl/certs/
COPY --from=build /task/ /var/task/

# By folder rather than by file: of the certificate authorities only the one that is needed is read.
ENV LAMBDA_TASK_ROOT=/var/task \
    SSL_CERT_DIR=/etc/ssl/certs
WORKDIR /var/task
ENTRYPOINT ["/var/task/bootstrap"]
