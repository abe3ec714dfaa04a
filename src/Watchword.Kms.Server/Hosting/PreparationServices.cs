using Watchword.Kms.Server.Configuration;

namespace Watchword.Kms.Server.Hosting;

/// <summary>The engine's classes for preparing ahead over the store of this server; usable once it has started.</summary>
internal sealed class PreparationServices(
    KmsState state, KmsSettings settings, TimeProvider time, PreparationInstruments instruments) : IDisposable
{
    private readonly Lazy<TransportKeyVault> _transportKeys = new(() => new TransportKeyVault(state.Custody));

    /// <summary>The acts of an officer.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PreparationOff"/>.</exception>
    public PreparationActs Acts => new(
        state.Store, state.Prepared ?? throw new KmsException(KmsError.PreparationOff), time);

    /// <summary>Refuses where it is off.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.PreparationOff"/>.</exception>
    public void RequireOn() => _ = Acts;

    /// <summary>What works on preparations; null if this node does not.</summary>
    public PreparationRunner? CreateRunner() => state.Prepared is { } vault && settings.Preparation is { } preparation
        ? new PreparationRunner(
            state.Store, state.Installation, vault, _transportKeys.Value, preparation, time, instruments)
        : null;

    /// <summary>What erases; also where nothing is prepared any more.</summary>
    public PreparationSweep CreateSweep() => new(state.Store, state.Installation, time, instruments);

    public void Dispose()
    {
        if (_transportKeys.IsValueCreated)
        {
            _transportKeys.Value.Dispose();
        }
    }
}
