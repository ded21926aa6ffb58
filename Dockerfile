# The image that AWS Lambda runs: the files from scripts/lay-task, and the certificate authorities.
#
# This file has no `RUN --mount`, here-documents or `COPY --link`/`--chmod`, because `sam build` uses Docker's classic
# builder, which refuses them. Both base images are Debian bookworm, so the program runs with the glibc version that it
# was linked with. Amazon's copy of Docker's official images has no pull limit like Docker Hub's.

FROM public.ecr.aws/docker/library/swift:6.3-bookworm AS build

WORKDIR /src

# The steps that change least come first, so that a change in Sources doesn't compile libcurl or fetch packages again.
#
# One step installs the packages and builds libcurl, so that the packages and libcurl's source are from the same day:
# Debian's archive drops a version when it gets the next one. Packages that the base image has are listed too, to get
# Debian's newest version. dpkg-dev unpacks source packages.
COPY scripts/build-libcurl scripts/children.sh scripts/install-libraries ./scripts/
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates dpkg-dev libcurl4-openssl-dev libssl-dev libyaml-dev zlib1g-dev \
    && scripts/build-libcurl \
    && rm -rf /var/lib/apt/lists/*
# The pattern also matches Package.resolved, if it exists.
COPY Package.* ./
RUN swift package resolve --scratch-path .build-static

# SwiftPM requires the folders of the test targets, but doesn't compile them here.
COPY Sources ./Sources
COPY Tests ./Tests
COPY scripts ./scripts
RUN scripts/build-release bootstrap

# These come last, since they need no compilation. The compilation must stay in one step: a layer rounds file times to
# whole seconds, so in the next step SwiftPM would compile everything again.
COPY bootstrap openai_servers.yaml LICENSE ./
RUN scripts/lay-task /task && cp /usr/share/doc/ca-certificates/copyright /task/licenses/ca-certificates


FROM public.ecr.aws/docker/library/debian:bookworm-slim

# OpenSSL is linked into the program. Installing Debian's ca-certificates package would add OpenSSL again.
COPY --from=build /usr/share/ca-certificates/ /usr/share/ca-certificates/
COPY --from=build /etc/ssl/certs/ /etc/ssl/certs/
COPY --from=build /task/ /var/task/

# A folder instead of a file: OpenSSL then reads only the certificate authority that it needs.
ENV LAMBDA_TASK_ROOT=/var/task \
    SSL_CERT_DIR=/etc/ssl/certs
WORKDIR /var/task
ENTRYPOINT ["/var/task/bootstrap"]
