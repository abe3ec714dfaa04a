using Watchword.McServices;
using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.Mikey;

namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>The bodies of a message that belong to one service. Those of a REGISTER are of several (TS 24.379 7.2.1).</summary>
internal sealed class ServiceBodies
{
    private readonly IReadOnlyList<ServiceBody> _all;

    private ServiceBodies(IReadOnlyList<ServiceBody> all, ServiceBody? info)
    {
        _all = all;
        Info = info;
    }

    /// <summary>The info body; null if there is none.</summary>
    public ServiceBody? Info { get; }

    /// <summary>The settings; null if there are none.</summary>
    public ServiceBody? Settings => _all.SingleOrDefault(body => body.MediaType == PocSettings.MediaType);

    /// <summary>Whether any message with a key is among them.</summary>
    public bool HasCsk => _all.Any(body => body.MediaType == ServiceBody.MikeyMediaType);

    /// <summary>The bodies of a service.</summary>
    /// <param name="names">The service.</param>
    /// <param name="all">All bodies of the message.</param>
    /// <returns>Null if there are two info bodies of the service, or two of settings: nobody can say which counts.</returns>
    public static ServiceBodies? For(McServiceNames names, IReadOnlyList<ServiceBody> all)
    {
        ServiceBody[] infos = [.. all.Where(body => body.MediaType == names.InfoMediaType)];
        return infos.Length > 1 || all.Count(body => body.MediaType == PocSettings.MediaType) > 1
            ? null
            : new ServiceBodies(all, infos.SingleOrDefault());
    }

    /// <summary>The signatures in which the info body is named, else the only ones there are.</summary>
    /// <exception cref="McServicesFormatException">Signatures of another form.</exception>
    public BodySignatures? FindSignatures()
    {
        BodySignatures[] documents = [.. _all.Where(body => body.MediaType == BodySignatures.MediaType)
            .Select(body => BodySignatures.Parse(body.Content))];
        return documents.FirstOrDefault(document => Info?.ContentId is { } id && document.ContentIds.Contains(id))
            ?? (documents.Length == 1 ? documents[0] : null);
    }

    /// <summary>What signatures have to cover, all of it: info and settings.</summary>
    /// <returns>Null if one of them has no Content-ID, by which it would be named.</returns>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? SignedBodies()
    {
        Dictionary<string, ReadOnlyMemory<byte>> bodies = new(StringComparer.Ordinal);
        foreach (ServiceBody body in ((ServiceBody?[])[Info, Settings]).OfType<ServiceBody>())
        {
            if (body.ContentId is not { } id || !bodies.TryAdd(id, body.Content))
            {
                return null;
            }
        }

        return bodies;
    }

    /// <summary>
    /// The message that brings the CSK: of that identifier where the bodies name one, else the only one there is.
    /// </summary>
    /// <param name="keyId">The CSK-ID that encrypted values and signatures name; null if nothing is protected.</param>
    /// <param name="message">The message; null if there is none.</param>
    /// <param name="octets">Its octets.</param>
    /// <returns>False if a part is no MIKEY message, or several could be meant.</returns>
    public bool TryFindCsk(uint? keyId, out MikeyMessage? message, out ReadOnlyMemory<byte> octets)
    {
        (message, octets) = (null, default);
        List<(MikeyMessage Message, ReadOnlyMemory<byte> Octets)> candidates = [];
        foreach (ServiceBody body in _all.Where(body => body.MediaType == ServiceBody.MikeyMediaType))
        {
            if (!MikeyMessage.TryParse(body.Content.Span, out MikeyMessage? parsed))
            {
                return false;
            }

            if (keyId is null || parsed.Header.CsbId == keyId)
            {
                candidates.Add((parsed, body.Content));
            }
        }

        if (candidates.Count == 1)
        {
            (message, octets) = candidates[0];
        }

        return candidates.Count <= 1;
    }
}
