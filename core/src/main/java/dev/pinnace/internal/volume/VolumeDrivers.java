package dev.pinnace.internal.volume;

import dev.pinnace.error.CancelledException;
import dev.pinnace.error.InvalidSpecException;
import dev.pinnace.error.NotFoundException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.spec.VolumeSpec;
import dev.pinnace.spi.volume.VolumeDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The drivers of volumes that an engine has besides {@code local}, which is its own. What they
 * throw comes out as a failure that names driver and volume. Thread-safe.
 */
public final class VolumeDrivers {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeDrivers.class);

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");

  private final Map<String, VolumeDriver> drivers;

  private VolumeDrivers(Map<String, VolumeDriver> drivers) {
    this.drivers = drivers;
  }

  /**
   * Those that {@code loader} finds, and those that were given.
   *
   * @throws InvalidSpecException if two have one name, or one has none
   */
  public static VolumeDrivers discover(ClassLoader loader, List<VolumeDriver> given) {
    List<VolumeDriver> all = new ArrayList<>(given);
    ServiceLoader.load(VolumeDriver.class, loader).forEach(all::add);
    return of(all);
  }

  /** These. */
  public static VolumeDrivers of(List<VolumeDriver> all) {
    Map<String, VolumeDriver> byName = new TreeMap<>();
    for (VolumeDriver driver : all) {
      String name = driver.name();
      String kind = driver.getClass().getName();
      if (!NAME.matcher(name).matches()) {
        throw new InvalidSpecException(
            "the volume driver "
                + kind
                + " cannot be called \""
                + name
                + "\": it must fit "
                + NAME);
      }
      VolumeDriver other = byName.putIfAbsent(name, driver);
      if (other != null || name.equals(VolumeSpec.LOCAL)) {
        throw new InvalidSpecException(
            "the volume driver "
                + kind
                + " has the name "
                + name
                + " of "
                + (other == null ? "the engine's own" : other.getClass().getName())
                + ": give it another");
      }
    }
    return new VolumeDrivers(byName);
  }

  /** The names of all, {@code local} first. */
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of(VolumeSpec.LOCAL));
    names.addAll(drivers.keySet());
    return names;
  }

  /**
   * Refuses what no volume can be, before anything is made.
   *
   * @throws NotFoundException if there is no such driver
   * @throws InvalidSpecException for options that the driver local does not know
   */
  public void check(VolumeSpec spec) {
    if (spec.driver().equals(VolumeSpec.LOCAL)) {
      LocalVolume unused = LocalVolume.of(spec);
    } else {
      VolumeDriver unused = driver(spec.driver());
    }
  }

  private VolumeDriver driver(String name) {
    VolumeDriver driver = drivers.get(name);
    if (driver == null) {
      throw new NotFoundException(
          "there is no volume driver \""
              + name
              + "\": there "
              + (drivers.isEmpty() ? "is " : "are ")
              + String.join(", ", names())
              + "; others are given to the engine's builder, or are on the class path");
    }
    return driver;
  }

  void create(VolumeSpec spec) {
    run(spec, "create", () -> driver(spec.driver()).create(name(spec), spec.options()));
  }

  void remove(VolumeSpec spec) {
    run(spec, "remove", () -> driver(spec.driver()).remove(name(spec)));
  }

  /** Has a volume mounted for a user: where. It is to be unmounted, also if this fails. */
  public Path mount(VolumeSpec spec, String user) {
    Path path = call(spec, "mount", () -> driver(spec.driver()).mount(name(spec), user));
    if (path == null || !path.isAbsolute() || !Files.isDirectory(path)) {
      throw new PinnaceException(
          "the volume driver "
              + spec.driver()
              + " has mounted volume "
              + name(spec)
              + " on "
              + path
              + ", which is not the absolute path of a directory");
    }
    return path;
  }

  /** A user of a volume has ended. */
  public void unmount(VolumeSpec spec, String user) {
    run(spec, "unmount", () -> driver(spec.driver()).unmount(name(spec), user));
  }

  /** Where the files of a volume are; nowhere for one whose driver is not there. */
  public Optional<Path> path(VolumeSpec spec) {
    if (!drivers.containsKey(spec.driver())) {
      return Optional.empty();
    }
    try {
      Optional<Path> path = call(spec, "find", () -> driver(spec.driver()).path(name(spec)));
      return path == null ? Optional.empty() : path;
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (PinnaceException failure) { // the other volumes are to be seen nevertheless
      LOG.warn("nobody knows where volume {} is: {}", name(spec), failure.getMessage());
      return Optional.empty();
    }
  }

  private static String name(VolumeSpec spec) {
    return spec.name().orElseThrow();
  }

  private static void run(VolumeSpec spec, String verb, Runnable call) {
    Object unused =
        call(
            spec,
            verb,
            () -> {
              call.run();
              return spec;
            });
  }

  private static <T> T call(VolumeSpec spec, String verb, Supplier<T> call) {
    try {
      return call.get();
    } catch (CancelledException interrupted) {
      throw interrupted;
    } catch (NotFoundException unknown) {
      throw unknown;
    } catch (RuntimeException | LinkageError failure) {
      throw new PinnaceException(
          "the volume driver "
              + spec.driver()
              + " cannot "
              + verb
              + " volume "
              + name(spec)
              + ": "
              + Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString),
          failure);
    }
  }
}
