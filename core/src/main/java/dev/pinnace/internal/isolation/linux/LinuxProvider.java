package dev.pinnace.internal.isolation.linux;

import dev.pinnace.linux.Natives;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.IsolationBackendProvider;
import dev.pinnace.spi.isolation.IsolationOptions;
import java.util.Optional;

/** Makes {@code linux} backends. */
public final class LinuxProvider implements IsolationBackendProvider {
  static final String NAME = "linux";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int preference() {
    return 100;
  }

  @Override
  public Optional<HostFeature> obstacle() {
    return obstacle(System.getProperty("os.name"), System.getProperty("os.arch"))
        .or(
            () ->
                Natives.obstacle().map(reason -> HostFeature.missing(NAME, reason, Natives.fix())));
  }

  static Optional<HostFeature> obstacle(String system, String machine) {
    if (!system.equals("Linux")) {
      return Optional.of(
          HostFeature.missing(
              NAME, "this is " + system, "run the JVM in a virtual machine with Linux"));
    }
    return machine.equals("amd64") || machine.equals("aarch64")
        ? Optional.empty()
        : Optional.of(
            HostFeature.missing(
                NAME, "there is no launcher for " + machine, "use x86_64 or aarch64"));
  }

  @Override
  public IsolationBackend open(IsolationOptions options) {
    return new LinuxIsolation(options);
  }
}
