package dev.pinnace.internal.engine;

import dev.pinnace.internal.container.Users;
import dev.pinnace.spec.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** The users of images that containers were made of lately, by top layer. Thread-safe. */
final class UsersByLayer {
  static final int MOST = 64;

  private final Map<Digest, Users> known =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Digest, Users> eldest) {
          return size() > MOST;
        }
      };

  /** Those of a layer, read by {@code reader} unless they are known. */
  Users get(Digest chainId, Function<Digest, Users> reader) {
    synchronized (known) {
      Users users = known.get(chainId);
      if (users != null) {
        return users;
      }
    }
    Users read = reader.apply(chainId);
    synchronized (known) {
      known.put(chainId, read);
    }
    return read;
  }
}
