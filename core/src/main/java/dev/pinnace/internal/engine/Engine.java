package dev.pinnace.internal.engine;

import dev.pinnace.Containers;
import dev.pinnace.Images;
import dev.pinnace.Networks;
import dev.pinnace.Pinnace;
import dev.pinnace.Subscription;
import dev.pinnace.Volumes;
import dev.pinnace.error.CancelledException;
import dev.pinnace.error.PinnaceException;
import dev.pinnace.event.Event;
import dev.pinnace.event.EventFilter;
import dev.pinnace.internal.event.EventLog;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.ListedImage;
import dev.pinnace.internal.image.assembly.TarDownloads;
import dev.pinnace.internal.image.registry.RegistryClient;
import dev.pinnace.internal.image.transfer.DriverUnpacker;
import dev.pinnace.internal.isolation.IsolationBackends;
import dev.pinnace.internal.isolation.linux.LinuxIsolation;
import dev.pinnace.internal.layer.LayerOptions;
import dev.pinnace.internal.network.NetworkStore;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.internal.state.RootLayout;
import dev.pinnace.internal.storage.SizeLimits;
import dev.pinnace.internal.storage.StorageDrivers;
import dev.pinnace.internal.volume.VolumeDrivers;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.internal.waiting.Waits;
import dev.pinnace.linux.Opened;
import dev.pinnace.spec.ContainerFilter;
import dev.pinnace.spec.ContainerId;
import dev.pinnace.spec.ContainerState;
import dev.pinnace.spec.DiskUsage;
import dev.pinnace.spec.HostFeature;
import dev.pinnace.spec.Info;
import dev.pinnace.spec.PruneOptions;
import dev.pinnace.spec.PruneReport;
import dev.pinnace.spec.Registries;
import dev.pinnace.spec.VolumeFilter;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.isolation.IsolationBackendProvider;
import dev.pinnace.spi.isolation.IsolationOptions;
import dev.pinnace.spi.storage.StorageDriver;
import dev.pinnace.spi.storage.StorageOptions;
import dev.pinnace.spi.storage.StorageProbe;
import dev.pinnace.spi.volume.VolumeDriver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open engine: wires the parts together and ends them in order. */
public final class Engine implements Pinnace {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final Duration UNDOING = Duration.ofSeconds(5);
  private static final Duration LAST_CALLS = Duration.ofSeconds(2);
  private static final Duration LAST_WORK = Duration.ofSeconds(10);

  private final Parts parts;
  private final Services services;
  private final Supplier<List<StorageProbe>> storageProbes;
  private final Duration closeTimeout;

  private Engine(Parts parts, Supplier<List<StorageProbe>> storageProbes, Duration closeTimeout) {
    this.parts = parts;
    this.storageProbes = storageProbes;
    this.services = Services.of(parts);
    this.closeTimeout = closeTimeout;
  }

  /** Opens an engine; see {@link Pinnace.Builder#open}. */
  public static Pinnace open(
      Optional<Path> root,
      Optional<Path> run,
      Optional<String> storage,
      Optional<String> isolationName,
      Registries registries,
      List<VolumeDriver> volumeDrivers,
      Duration closeTimeout) {
    return ApiCalls.of(
        () -> opened(root, run, storage, isolationName, registries, volumeDrivers, closeTimeout));
  }

  private static Pinnace opened(
      Optional<Path> root,
      Optional<Path> run,
      Optional<String> storage,
      Optional<String> isolationName,
      Registries registries,
      List<VolumeDriver> volumeDrivers,
      Duration closeTimeout) {
    IsolationBackends backends = IsolationBackends.discover(Engine.class.getClassLoader());
    IsolationBackendProvider backend =
        isolationName.map(backends::choose).orElseGet(backends::choose);
    VolumeDrivers drivesVolumes =
        VolumeDrivers.discover(Engine.class.getClassLoader(), volumeDrivers);
    int uid = LinuxIsolation.uid();
    boolean privileged = LinuxIsolation.isPrivileged();
    RootLayout layout = RootLayout.open(root, run, uid);
    StorageOptions options = StorageOptions.DEFAULTS.withUserNamespace(!privileged);
    StorageDrivers discovered = StorageDrivers.discover(Engine.class.getClassLoader());
    StorageDrivers drivers =
        privileged ? discovered : discovered.judgedBy(new UnprivilegedOverlay(layout.root()));
    try (Opened opened = new Opened()) {
      ExecutorService work = WorkThreads.of(layout.key());
      opened.add(work::shutdownNow);
      StorageDriver driver =
          opened.add(
              storage.isPresent()
                  ? drivers.open(layout.root(), options, storage.get())
                  : drivers.open(layout.root(), options));
      IsolationBackend isolation =
          opened.add(backend.open(new IsolationOptions(layout.root(), layout.key())));
      ContainerStore store = opened.add(new ContainerStore(layout));
      OnDemand<RegistryClient> client =
          opened.add(new OnDemand<>(() -> new RegistryClient(registries)));
      Parts parts =
          new Parts(
              layout,
              driver,
              ImageStore.open(
                  layout.root(),
                  new DriverUnpacker(
                      driver,
                      privileged ? LayerOptions.Ownership.KEEP : LayerOptions.Ownership.SQUASH,
                      () -> EngineImages.layersInUse(store)),
                  () -> EngineImages.layersInUse(store)),
              client,
              opened.add(new TarDownloads(System.getenv())),
              isolation,
              store,
              opened.add(new VolumeStore(layout.volumes(), drivesVolumes)),
              opened.add(new NetworkStore(layout.networks())),
              opened.add(EventLog.open(layout.events())),
              isolation.capabilities(),
              privileged,
              work);
      Engine engine = new Engine(parts, () -> drivers.probe(layout.root(), options), closeTimeout);
      opened.add(engine.services.live()::close);
      opened.add(engine.services.networks()::endAnswers);
      driver.recover();
      parts.volumes().recover(id -> Files.exists(layout.containers().resolve(id)));
      List<ContainerId> due =
          new Recovery(
                  parts,
                  engine.services.live(),
                  engine.services.events(),
                  engine.services.volumes(),
                  engine.services.mounts(),
                  engine.services.connections())
              .all();
      engine.services.networks().tidy();
      engine.services.networks().answerNames();
      EngineImages.recover(parts.images());
      engine.services.pulls().settle();
      new Revivals(engine.services.lifecycle()).start(due);
      opened.keep();
      return engine;
    }
  }

  @Override
  public Images images() {
    services.calls().ensureOpen();
    return new EngineImages(services);
  }

  @Override
  public Containers containers() {
    services.calls().ensureOpen();
    return new EngineContainers(services);
  }

  @Override
  public Volumes volumes() {
    services.calls().ensureOpen();
    return new EngineVolumes(services);
  }

  @Override
  public Networks networks() {
    services.calls().ensureOpen();
    return new EngineNetworks(services);
  }

  @Override
  public DiskUsage diskUsage() {
    return services
        .calls()
        .of(
            () ->
                new DiskUsages(parts)
                    .measure(
                        containers().list(ContainerFilter.all()),
                        volumes().list(VolumeFilter.all())));
  }

  @Override
  public PruneReport prune(PruneOptions options) {
    Objects.requireNonNull(options, "options");
    services.calls().ensureOpen();
    PruneReport report = containers().prune(options.containers());
    if (options.volumes()) {
      report = report.plus(volumes().prune(options.unnamedVolumes()));
    }
    return report.plus(images().prune(options.images()));
  }

  @Override
  public Subscription onEvent(EventFilter filter, Consumer<? super Event> consumer) {
    Objects.requireNonNull(filter, "filter");
    Objects.requireNonNull(consumer, "consumer");
    return services
        .calls()
        .of(() -> EventSubscription.start(services.events(), filter, consumer, parts.work()));
  }

  @Override
  public Stream<Event> events(EventFilter filter) {
    Objects.requireNonNull(filter, "filter");
    return services.calls().of(() -> EventStream.of(services.events(), filter, services.calls()));
  }

  @Override
  public Path root() {
    return parts.layout().root();
  }

  @Override
  public Info info() {
    return services.calls().of(this::collectInfo);
  }

  private Info collectInfo() {
    List<ContainerState> containers = containers().list(ContainerFilter.all());
    List<HostFeature> features = new ArrayList<>(features());
    return new Info(
        version(),
        parts.layout().root(),
        parts.layout().run(),
        parts.storage().name(),
        parts.isolation().name(),
        containers.size(),
        (int) containers.stream().filter(c -> c.status().isAlive()).count(),
        countImages(features),
        features);
  }

  /** Where their list cannot be read, that is one more thing that does not work. */
  private int countImages(List<HostFeature> features) {
    try {
      return (int) parts.images().entries().stream().map(ListedImage::id).distinct().count();
    } catch (CancelledException cancelled) {
      throw cancelled;
    } catch (PinnaceException damage) {
      features.add(HostFeature.missing("list of images", String.valueOf(damage.getMessage()), ""));
      return 0;
    }
  }

  private List<HostFeature> features() {
    List<HostFeature> features = new ArrayList<>(parts.isolation().probe());
    for (StorageProbe probe : storageProbes.get()) {
      String name = "storage " + probe.driver();
      features.add(
          probe
              .obstacle()
              .map(lack -> HostFeature.missing(name, lack.reason(), lack.fix()))
              .orElseGet(() -> HostFeature.works(name, remarks(probe))));
    }
    features.add(SizeLimits.probe(root()));
    return features;
  }

  private static String remarks(StorageProbe probe) {
    return probe.features().stream()
        .filter(feature -> !feature.available())
        .map(feature -> "without " + feature.name())
        .collect(Collectors.joining(", "));
  }

  private static String version() {
    try (InputStream in = Engine.class.getResourceAsStream("version")) {
      if (in == null) {
        throw new IllegalStateException(
            "the JAR of pinnace-core does not tell its version:"
                + " use the JAR as it was published, or build with ./mvnw package");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the version of pinnace-core", e);
    }
  }

  @Override
  public void close() {
    if (services.calls().close()) {
      ApiCalls.of(() -> Waits.undisturbed(this::end));
    }
  }

  private void end() {
    Closing closing = new Closing();
    closing.step(services.starts()::callOff);
    closing.step(services.tasks()::close);
    closing.step(parts.registries()::close);
    closing.step(this::finishStarts);
    closing.step(parts.downloads()::close);
    closing.step(services.health()::close);
    closing.step(() -> services.lifecycle().endBound(closeTimeout));
    closing.step(() -> services.removals().finish(LAST_WORK));
    closing.step(services.networks()::endAnswers);
    closing.step(services.live()::close);
    closing.step(services.networks()::tidy);
    closing.step(services.events()::endFollowing);
    closing.step(this::finishCalls);
    closing.step(this::finishWork);
    closing.step(parts.isolation()::close);
    closing.step(parts.events()::close);
    closing.step(parts.volumes()::close);
    closing.step(parts.networks()::close);
    closing.step(parts.store()::close);
    closing.step(parts.storage()::close);
    closing.end();
  }

  private void finishStarts() {
    if (!services.starts().settle(UNDOING)) {
      LOG.warn(
          "closing does not wait for a start that cannot be called off: what is left of it is"
              + " removed by the next engine on {}",
          parts.layout().root());
    }
  }

  /** What they work with is closed under those that take longer. */
  private void finishCalls() {
    if (!services.calls().settle(LAST_CALLS)) {
      LOG.debug("calls are cut short by the end of the engine");
    }
  }

  /** A consumer that closes its engine would wait for itself, and be interrupted. */
  private void finishWork() {
    parts.work().shutdown();
    if (WorkThreads.areCaller(parts.work())) {
      return;
    }
    try {
      if (!parts.work().awaitTermination(LAST_WORK.toMillis(), TimeUnit.MILLISECONDS)) {
        parts.work().shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "engine on " + parts.layout().root() + (services.calls().areClosed() ? " (closed)" : "");
  }
}
