package dev.pinnace.spec;

import java.util.Objects;

/**
 * Something that this host can do or cannot.
 *
 * @param name what it is
 * @param available whether it works
 * @param reason why not, or a remark; may be empty
 * @param fix what would bring it; empty where it works, nothing helps or the reason tells
 */
public record HostFeature(String name, boolean available, String reason, String fix) {
  public static HostFeature works(String name, String remark) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(remark, "remark");
    return new HostFeature(name, true, remark, "");
  }

  public static HostFeature missing(String name, String reason, String fix) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(fix, "fix");
    return new HostFeature(name, false, reason, fix);
  }
}
