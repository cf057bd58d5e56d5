package dev.pinnace.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The program of a container, before the image's defaults are filled in.
 *
 * @param entrypoint replaces the image's; an empty list means none
 * @param command arguments of the entrypoint, or the program where there is none; replaces the
 *     image's
 * @param env added to the image's
 * @param unsetEnv variables of the image's, and default ones, that it does not have
 * @param workdir replaces the image's; made if it is missing
 * @param user {@code name}, {@code uid}, {@code name:group} or {@code uid:gid}; a number is never
 *     looked up as a name
 * @param groups further groups, by name or number
 * @param init whether a small process 1 reaps orphans and passes signals on
 * @param terminal whether it has a terminal of its own
 * @param stdinOpen whether those who are {@linkplain dev.pinnace.Container#attach attached} may
 *     feed it
 * @param stdinOnce whether it reads the end of its standard input when the first who feeds it sends
 *     no more; without a difference where it has a terminal
 * @param ulimits per-process limits
 * @param oomScoreAdj -1000 (spared) to 1000 (first) when memory runs out
 */
public record ProcessSpec(
    Optional<List<String>> entrypoint,
    List<String> command,
    Map<String, String> env,
    Set<String> unsetEnv,
    Optional<String> workdir,
    Optional<String> user,
    List<String> groups,
    boolean init,
    boolean terminal,
    boolean stdinOpen,
    boolean stdinOnce,
    List<Ulimit> ulimits,
    OptionalInt oomScoreAdj) {
  public ProcessSpec {
    entrypoint = entrypoint.map(List::copyOf);
    command = List.copyOf(command);
    env = Collections.unmodifiableMap(new LinkedHashMap<>(env));
    unsetEnv = Set.copyOf(unsetEnv);
    groups = List.copyOf(groups);
    ulimits = List.copyOf(ulimits);
  }
}
