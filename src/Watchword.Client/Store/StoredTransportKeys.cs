using Watchword.KeyManagement;

namespace Watchword.Client;

/// <summary>Which of its pairs of transport and integrity key a client uses. The numbers are in stores and stable.</summary>
public enum TransportKeyState
{
    /// <summary>
    /// The KMS is known to take it. Beside a new pair it is the previous one, kept until an answer under the new one has come.
    /// </summary>
    Current = 0,

    /// <summary>Delivered by the KMS and used from the next request on; no answer under it has come yet.</summary>
    New = 1,
}

/// <summary>A pair of transport key and, where there is one, integrity key in the store (TS 33.180 D.1).</summary>
internal sealed class StoredTransportKeys : IDisposable
{
    public const int KeyLength = 32;

    private readonly PinnedSecret _keys;

    /// <param name="holder">Whom they were made for.</param>
    /// <param name="transportKeyId">The id of the TrK.</param>
    /// <param name="integrityKeyId">The id of the InK; null if there is none.</param>
    /// <param name="keys">TrK and InK behind each other; taken over.</param>
    public StoredTransportKeys(TransportKeyHolder holder, string transportKeyId, string? integrityKeyId, PinnedSecret keys)
    {
        Holder = holder;
        TransportKeyId = transportKeyId;
        IntegrityKeyId = integrityKeyId;
        _keys = keys;
    }

    public TransportKeyHolder Holder { get; }

    public string TransportKeyId { get; }

    public string? IntegrityKeyId { get; }

    public TransportKeyState State { get; set; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>A copy for one exchange, which the caller disposes.</summary>
    public TransportKeyPair CheckOut() => new(
        TransportKey.Import(TransportKeyId, _keys.Span[..KeyLength]),
        IntegrityKeyId is null ? null : IntegrityKey.Import(IntegrityKeyId, _keys.Span[KeyLength..]),
        State);

    public void WriteTo(StoreWriter writer)
    {
        writer.Text(Holder.UserUri);
        writer.Text(Holder.ClientId);
        writer.Text(Holder.KmsUri);
        writer.Text(TransportKeyId);
        writer.Text(IntegrityKeyId);
        writer.Octets(_keys.Span);
        writer.Number((long)State);
        writer.Time(ReceivedAt);
    }

    /// <exception cref="FormatException">It is no pair.</exception>
    public static StoredTransportKeys Read(StoreReader reader)
    {
        TransportKeyHolder holder = new(reader.Text(), reader.Text(), reader.Text());
        string transportKeyId = reader.Text();
        string? integrityKeyId = reader.TextOrNull();
        if (!SecurityExtensionKey.IsId(transportKeyId) || (integrityKeyId is not null && !SecurityExtensionKey.IsId(integrityKeyId)))
        {
            throw new FormatException("A transport key has no id.");
        }

        ReadOnlySpan<byte> octets = reader.Octets();
        if (octets.Length != (integrityKeyId is null ? KeyLength : 2 * KeyLength))
        {
            throw new FormatException("A transport key has another length.");
        }

        StoredTransportKeys keys = new(holder, transportKeyId, integrityKeyId, new PinnedSecret(octets))
        {
            ReceivedAt = DateTimeOffset.MinValue,
        };
        try
        {
            TransportKeyState state = (TransportKeyState)reader.Number();
            return Enum.IsDefined(state) ? keys.As(state, reader.Time()) : throw new FormatException("A transport key has no such state.");
        }
        finally
        {
            keys.Dispose();
        }
    }

    /// <summary>The type's name, never a key.</summary>
    public override string ToString() => nameof(StoredTransportKeys);

    public void Dispose() => _keys.Dispose();

    private StoredTransportKeys As(TransportKeyState state, DateTimeOffset receivedAt) =>
        new(Holder, TransportKeyId, IntegrityKeyId, new PinnedSecret(_keys.Span)) { State = state, ReceivedAt = receivedAt };
}

/// <summary>Whom a KMS made a pair of transport keys for: one KM client of one user.</summary>
/// <param name="UserUri">The identity that speaks in signed requests.</param>
/// <param name="ClientId">The <c>ClientId</c> of its requests.</param>
/// <param name="KmsUri">The KMS that holds the other copy.</param>
internal sealed record TransportKeyHolder(string UserUri, string ClientId, string KmsUri);
