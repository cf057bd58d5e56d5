package dev.pinnace.spec;

/** When the image of a container is pulled before the container is made. */
public enum PullPolicy {
  /** If it is not here; otherwise the registry is not even asked. */
  MISSING,
  /** Each time; what is here of it is not fetched again. */
  ALWAYS,
  /** Not at all: it is here, or there is no container. */
  NEVER
}
