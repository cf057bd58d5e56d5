package dev.pinnace.spi.storage;

import dev.pinnace.error.UnsupportedException;
import java.util.List;
import java.util.Optional;

/**
 * What a driver can do on this host, in this directory.
 *
 * @param driver the driver's name
 * @param features what was tried, in the order it was tried
 */
public record StorageProbe(String driver, List<Feature> features) {
  /**
   * One thing that was tried.
   *
   * @param name such as {@code overlay}, {@code lowerdir+} or {@code volatile}
   * @param available whether it worked
   * @param required whether the driver cannot do without it
   * @param reason why it does not work, with the errno's name; empty where it works
   * @param fix what would make it work; empty where it works or nothing helps
   */
  public record Feature(
      String name, boolean available, boolean required, String reason, String fix) {
    /** It works. */
    public static Feature works(String name) {
      return new Feature(name, true, false, "", "");
    }

    /** The driver cannot work without it, and it is not there. */
    public static Feature missing(String name, String reason, String fix) {
      return new Feature(name, false, true, reason, fix);
    }

    /** It is not there, and the driver has another way. */
    public static Feature absent(String name, String reason, String fix) {
      return new Feature(name, false, false, reason, fix);
    }
  }

  public StorageProbe {
    features = List.copyOf(features);
  }

  /** Whether nothing that the driver needs is missing. */
  public boolean usable() {
    return features.stream().allMatch(feature -> feature.available() || !feature.required());
  }

  /** Whether {@code feature} was tried and worked. */
  public boolean has(String feature) {
    return features.stream().anyMatch(tried -> tried.name().equals(feature) && tried.available());
  }

  /** The first thing that the driver needs and has not; empty when it is usable. */
  public Optional<Feature> obstacle() {
    return features.stream()
        .filter(feature -> feature.required() && !feature.available())
        .findFirst();
  }

  /**
   * Goes on only if the driver is usable.
   *
   * @throws UnsupportedException with the reason and the fix of the first obstacle
   */
  public void require() {
    obstacle()
        .ifPresent(
            missing -> {
              throw new UnsupportedException(
                  "storage driver " + driver, missing.reason(), missing.fix());
            });
  }
}
