package dev.pinnace.internal.engine;

import dev.pinnace.internal.event.EventLog;
import dev.pinnace.internal.image.ImageStore;
import dev.pinnace.internal.image.assembly.TarDownloads;
import dev.pinnace.internal.image.registry.RegistryClient;
import dev.pinnace.internal.network.NetworkStore;
import dev.pinnace.internal.state.ContainerStore;
import dev.pinnace.internal.state.RootLayout;
import dev.pinnace.internal.volume.VolumeStore;
import dev.pinnace.spi.isolation.IsolationBackend;
import dev.pinnace.spi.storage.StorageDriver;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/**
 * What an engine is made of.
 *
 * @param layout its paths
 * @param storage its storage driver
 * @param images its images
 * @param registries its registries, which most engines never ask
 * @param downloads how it brings tars from elsewhere
 * @param isolation its isolation backend
 * @param store its containers' records
 * @param volumes its volumes
 * @param networks its networks
 * @param events what happens to them
 * @param capabilities that containers can have, with {@code CAP_}
 * @param ids whether containers have more ids than 0: not those of an ordinary user
 * @param work for what need not be waited for: daemon threads
 */
record Parts(
    RootLayout layout,
    StorageDriver storage,
    ImageStore images,
    OnDemand<RegistryClient> registries,
    TarDownloads downloads,
    IsolationBackend isolation,
    ContainerStore store,
    VolumeStore volumes,
    NetworkStore networks,
    EventLog events,
    Set<String> capabilities,
    boolean ids,
    ExecutorService work) {
  Parts {
    capabilities = Set.copyOf(capabilities);
  }
}
