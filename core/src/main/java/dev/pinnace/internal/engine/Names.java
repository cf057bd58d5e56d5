package dev.pinnace.internal.engine;

import dev.pinnace.spec.ContainerId;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * Makes ids, and names for containers that were given none: an adjective and somebody who built or
 * sailed boats.
 */
final class Names {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final List<String> ADJECTIVES =
      List.of(
          "able", "ample", "bold", "brisk", "bright", "calm", "candid", "clever", "cosy", "daring",
          "deft", "eager", "early", "fair", "fleet", "frank", "gentle", "glad", "grand", "hardy",
          "honest", "jolly", "keen", "kind", "lively", "loyal", "lucid", "merry", "mellow", "neat",
          "nimble", "noble", "patient", "plucky", "polite", "proud", "quick", "quiet", "ready",
          "robust", "sage", "serene", "sharp", "sleek", "smart", "snug", "sound", "spry", "stately",
          "steady", "sturdy", "sunny", "swift", "tidy", "trim", "trusty", "vivid", "warm", "wise",
          "witty", "zesty");
  private static final List<String> SURNAMES =
      List.of(
          "amundsen",
          "anson",
          "barents",
          "beaufort",
          "bering",
          "bligh",
          "bougainville",
          "bowditch",
          "brunel",
          "cabot",
          "caird",
          "cartier",
          "chichester",
          "colomb",
          "cook",
          "crowninshield",
          "darwin",
          "davis",
          "drake",
          "dufour",
          "elcano",
          "eriksson",
          "fitzroy",
          "flinders",
          "franklin",
          "frobisher",
          "froude",
          "gama",
          "harrison",
          "herreshoff",
          "heyerdahl",
          "hudson",
          "humboldt",
          "joshua",
          "knox",
          "laperouse",
          "magellan",
          "maury",
          "mercator",
          "nansen",
          "nelson",
          "parry",
          "peary",
          "perry",
          "plimsoll",
          "ross",
          "scoresby",
          "scott",
          "shackleton",
          "slocum",
          "sopwith",
          "stephens",
          "tasman",
          "tilman",
          "vancouver",
          "vespucci",
          "watts",
          "weddell",
          "worsley",
          "zheng");

  private Names() {}

  static ContainerId id() {
    byte[] bytes = new byte[32];
    RANDOM.nextBytes(bytes);
    return new ContainerId(HexFormat.of().formatHex(bytes));
  }

  /** A name; after some attempts with a number, so that there is always a free one. */
  static String propose(int attempt) {
    String name =
        ADJECTIVES.get(RANDOM.nextInt(ADJECTIVES.size()))
            + "_"
            + SURNAMES.get(RANDOM.nextInt(SURNAMES.size()));
    return attempt < 5 ? name : name + RANDOM.nextInt(10_000);
  }
}
