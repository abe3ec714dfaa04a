using System.Globalization;
using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.Sip;

namespace Watchword.Client;

/// <summary>
/// The one SIP registration that all MC clients of a UE share (TS 24.379, 24.281 and 24.282 7.2.1; TS 24.229 5.1.1), of plain values so
/// that it can be stored. Immutable. How the SIP core authenticates the UE is not its concern.
/// </summary>
public sealed record SipRegistration
{
    private const string InstanceParameter = "+sip.instance";
    private const string IcsiParameter = "+g.3gpp.icsi-ref";

    /// <summary>The public user identity in the SIP core (IMPU), a sip URI.</summary>
    public required string PublicUserIdentity { get; init; }

    /// <summary>Where the UE is reached, a sip URI.</summary>
    public required string Contact { get; init; }

    /// <summary>The instance ID of the UE, <c>urn:uuid:...</c> (RFC 5626 §4.1).</summary>
    public required string InstanceId { get; init; }

    /// <summary>Call-ID, the same for every REGISTER of this UE (RFC 3261 §10.2); null before the first.</summary>
    public string? CallId { get; init; }

    /// <summary>CSeq of the last REGISTER; 0 for none.</summary>
    public uint CSeq { get; init; }

    /// <summary>The name of the type: whose registration it is, is not for logs.</summary>
    public override string ToString() => nameof(SipRegistration);

    /// <summary>The next REGISTER.</summary>
    /// <param name="services">
    /// The services whose feature tags the Contact has; one that is left out is registered no more (7.2.1).
    /// </param>
    /// <param name="expires">Seconds; 0 ends the registration.</param>
    /// <param name="parts">
    /// What asks for service authorisation, of every service (<see cref="ServiceAuthorizationClient.OfferAsync"/>); none to be
    /// registered alone.
    /// </param>
    /// <returns>The request, and the registration after it, which the keeper stores before he sends.</returns>
    /// <exception cref="SipFormatException">An identity or Contact that is no URI.</exception>
    /// <exception cref="ArgumentException">The identity has no host.</exception>
    public (SipRequest Request, SipRegistration Next) CreateRegister(
        IReadOnlyCollection<McService> services, uint expires, params IReadOnlyList<SipBodyPart> parts)
    {
        ArgumentNullException.ThrowIfNull(services);
        SipUri user = SipUri.Parse(PublicUserIdentity);
        // RFC 3261 §10.2: the Request-URI is the domain of the registrar, without a user.
        SipUri registrar = SipUri.Parse(
            $"{user.Scheme}:{user.Host ?? throw new ArgumentException("An identity without host has no registrar.", nameof(services))}");
        SipRequest request = SipRequest.Create(SipMethods.Register, registrar, user, user);
        SipRegistration next = this with { CallId = CallId ?? request.Headers.CallId, CSeq = CSeq + 1 };
        request.Headers.Set(SipHeaderNames.CallId, next.CallId!);
        request.Headers.Set(
            SipHeaderNames.CSeq, string.Create(CultureInfo.InvariantCulture, $"{next.CSeq} {SipMethods.Register}"));
        request.Headers.Add(SipHeaderNames.Contact, new SipAddress(SipUri.Parse(Contact), null, Features(services)).ToString());
        request.Headers.Add(SipHeaderNames.Expires, expires.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SipHeaderNames.Supported, "path");
        SipBody.Write(request, parts);
        return (request, next);
    }

    /// <summary>The instance and what the UE can do (RFC 3840 §9, TS 24.229 7.9.2).</summary>
    private SipParameters Features(IReadOnlyCollection<McService> services)
    {
        SipParameters features = SipParameters.Empty.With(InstanceParameter, $"<{InstanceId}>", quoted: true);
        McServiceNames[] names = [.. services.Order().Select(service => McServiceNames.Of((McServiceKind)(int)service))];
        foreach (string tag in names.SelectMany(service => service.FeatureTags))
        {
            features = features.With(tag, null);
        }

        return names.Length == 0
            ? features
            : features.With(IcsiParameter, string.Join(',', names.Select(service => service.IcsiReference)), quoted: true);
    }
}
