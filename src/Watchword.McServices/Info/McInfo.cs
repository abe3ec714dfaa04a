using System.Diagnostics.CodeAnalysis;
using System.Xml;
using Watchword.McServices.Xml;

namespace Watchword.McServices.Info;

/// <summary>
/// The info body of an MC service in SIP: who is meant, by which token and from which client (TS 24.379, TS 24.281 and TS 24.282,
/// Annex F.1). Every value is in clear or encrypted; what this library has no property for is kept.
/// </summary>
/// <remarks>
/// It holds an access token: log neither it nor the octets of the body. Where a body is signed, read what
/// <see cref="BodySignatures.TryVerify"/> gives back.
/// </remarks>
public sealed class McInfo
{
    private const string MultipleDevicesElement = "multiple-devices-ind";
    private const string Extension = "anyExt";

    /// <summary>An info body of a service, empty at first.</summary>
    public McInfo(McServiceNames service) => Service = service;

    /// <summary>The service.</summary>
    public McServiceNames Service { get; }

    /// <summary>The access token, a text (TS 33.180 B.10).</summary>
    public McInfoValue? AccessToken { get; init; }

    /// <summary>The MC client ID, a text, commonly <c>urn:uuid:...</c>.</summary>
    public McInfoValue? ClientId { get; init; }

    /// <summary>The MC service ID or group that the request is for, a URI.</summary>
    public McInfoValue? RequestUri { get; init; }

    /// <summary>The MC service ID of who calls, a URI.</summary>
    public McInfoValue? CallingUserId { get; init; }

    /// <summary>The group that is called, a URI.</summary>
    public McInfoValue? CallingGroupId { get; init; }

    /// <summary>Whether the user is authorised from another client too, a Boolean (TS 24.379 7.3.3 9).</summary>
    public McInfoValue? MultipleDevices { get; init; }

    /// <summary>Parameters without a property, in the order of the document.</summary>
    public IReadOnlyList<ForeignElement> OtherParameters { get; init; } = [];

    /// <summary>Elements beside the parameters.</summary>
    public IReadOnlyList<ForeignElement> OtherElements { get; init; } = [];

    /// <summary>Whether any value with a property is encrypted.</summary>
    public bool HasEncryptedValues => Values().Any(pair => pair.Value is { IsEncrypted: true });

    /// <summary>Reads an info body as it stands: what is encrypted in it stays so.</summary>
    /// <param name="body">The body.</param>
    /// <param name="service">The service whose body it must be; null for any of the three.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <exception cref="McServicesFormatException">
    /// Not XML, past a limit, another document, a value twice, or a value of another form.
    /// </exception>
    public static McInfo Parse(ReadOnlyMemory<byte> body, McServiceNames? service = null, XmlLimits? limits = null)
    {
        XmlElement root = BoundedXml.Load(body, limits ?? XmlLimits.Default).DocumentElement!;
        McServiceNames? found = McServiceNames.All.FirstOrDefault(names =>
            names.InfoRoot == root.LocalName && names.InfoNamespace == root.NamespaceURI);
        if (found is null || (service is not null && found != service))
        {
            throw new McServicesFormatException(BoundedXml.Root, McServicesFormatFault.UnexpectedRoot);
        }

        XmlElement parameters = OpenElement.RequiredChild(root, found.InfoParameters);
        return new McInfo(found)
        {
            AccessToken = Read(parameters, found.AccessToken, found),
            ClientId = Read(parameters, found.ClientId, found),
            RequestUri = Read(parameters, found.RequestUri, found),
            CallingUserId = Read(parameters, found.CallingUserId, found),
            CallingGroupId = Read(parameters, found.CallingGroupId, found),
            MultipleDevices = Read(parameters, MultipleDevicesElement, found),
            OtherParameters = OpenElement.Others(parameters, [.. new McInfo(found).Values()
                .Select(pair => new XmlQualifiedName(pair.Name, found.InfoNamespace))]),
            OtherElements = OpenElement.Others(root, new XmlQualifiedName(found.InfoParameters, found.InfoNamespace)),
        };
    }

    /// <summary>Decrypts an info body and reads it. A body in clear is read as it is.</summary>
    /// <param name="body">The body as received, or as <see cref="BodySignatures.TryVerify"/> gave it back.</param>
    /// <param name="key">The key, from the CSK.</param>
    /// <param name="info">The body, nothing encrypted in it.</param>
    /// <param name="service">The service whose body it must be; null for any of the three.</param>
    /// <param name="limits">Limits; null for the defaults.</param>
    /// <returns>False if another key is named or a cipher text is not of this key: one outcome for all.</returns>
    /// <exception cref="McServicesFormatException">
    /// As <see cref="Parse"/> and <see cref="ConfidentialXml.Parse"/> say.
    /// </exception>
    public static bool TryDecrypt(
        ReadOnlyMemory<byte> body,
        SignallingConfidentialityKey key,
        [NotNullWhen(true)] out McInfo? info,
        McServiceNames? service = null,
        XmlLimits? limits = null)
    {
        info = ConfidentialXml.Parse(body, limits).TryDecrypt(key, out byte[]? clear) ? Parse(clear, service, limits) : null;
        return info is not null;
    }

    /// <summary>The body as UTF-8, parameters in the order of the schema.</summary>
    /// <exception cref="ArgumentException">A value holds characters that XML has not.</exception>
    public byte[] Write()
    {
        using DocumentWriter writer = new(Service.InfoRoot, Service.InfoNamespace);
        writer.Element(Service.InfoParameters, () =>
        {
            foreach ((_, Action<DocumentWriter> write) in Parameters().OrderBy(parameter => parameter.Place))
            {
                write(writer);
            }
        });
        writer.Foreign(OtherElements);
        return writer.Finish();
    }

    /// <summary>The body as UTF-8 with its confidential values encrypted (TS 33.180 9.3.4).</summary>
    /// <param name="key">The key, from the CSK.</param>
    /// <exception cref="McServicesFormatException">A value is encrypted already.</exception>
    /// <exception cref="ArgumentException">A value holds characters that XML has not.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public byte[] WriteEncrypted(SignallingConfidentialityKey key) =>
        ConfidentialXml.Encrypt(Write(), Service.ConfidentialElements, key, XmlLimits.Document);

    /// <summary>The type name, nothing of the values.</summary>
    public override string ToString() => nameof(McInfo);

    private static McInfoValue? Read(XmlElement parameters, string name, McServiceNames service) =>
        OpenElement.Child(parameters, name) is { } element ? McInfoValue.Read(element, service) : null;

    private IEnumerable<(string Name, McInfoValue? Value)> Values() =>
    [
        (Service.AccessToken, AccessToken), (Service.ClientId, ClientId), (Service.RequestUri, RequestUri),
        (Service.CallingUserId, CallingUserId), (Service.CallingGroupId, CallingGroupId),
        (MultipleDevicesElement, MultipleDevices),
    ];

    private IEnumerable<(int Place, Action<DocumentWriter> Write)> Parameters()
    {
        foreach ((string name, McInfoValue? value) in Values())
        {
            if (value is not null)
            {
                yield return (Place(name), writer => value.Write(writer, name, Service));
            }
        }

        foreach (ForeignElement other in OtherParameters)
        {
            int place = other.Name.Namespace == Service.InfoNamespace ? Place(other.Name.Name) : Service.ParameterOrder.Count;
            yield return (place, writer => writer.Foreign([other]));
        }
    }

    // What the schema does not know stands behind what it knows, anyExt last.
    private int Place(string name)
    {
        for (int i = 0; i < Service.ParameterOrder.Count; i++)
        {
            if (Service.ParameterOrder[i] == name)
            {
                return i;
            }
        }

        return Service.ParameterOrder.Count + (name == Extension ? 1 : 0);
    }
}
