using System.Buffers;
using Watchword.KeyManagement;

namespace Watchword.Fuzz;

/// <summary>The words of Annex D for the mutations.</summary>
internal static class AnnexDDictionary
{
    public static IReadOnlyList<byte[]> Words { get; } =
    [
        "<!DOCTYPE a [<!ENTITY x \"y\">]>"u8.ToArray(), "&x;"u8.ToArray(), "<![CDATA["u8.ToArray(), "]]>"u8.ToArray(), "<!--"u8.ToArray(),
        "-->"u8.ToArray(), "<?xml version=\"1.0\" encoding=\"UTF-16\"?>"u8.ToArray(),
        "xmlns=\"urn:3gpp:ns:mcsecKMSInterface:1.0\""u8.ToArray(),
        "xsi:type=\"KeyContentType\""u8.ToArray(), "xsi:type=\"EncKeyContentType\""u8.ToArray(), "xsi:nil=\"true\""u8.ToArray(),
        "2026-06-01T12:00:00Z"u8.ToArray(), "2026-06-01T24:00:00"u8.ToArray(), "9999-12-31T23:59:59.9999999+14:00"u8.ToArray(),
        "<KrrList>"u8.ToArray(), "</KrrList>"u8.ToArray(), "<w:Certificate xmlns:w=\"urn:watchword:kms:1\">"u8.ToArray(),
        " Id=\"xmldoc\""u8.ToArray(), "URI=\"#xmldoc\""u8.ToArray(), " xml:lang=\"a\""u8.ToArray(), " xmlns:a=\"urn:a\""u8.ToArray(),
        "<ds:Transforms xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>"u8.ToArray(), "<SignedKmsCertificate>"u8.ToArray(),
        "-1"u8.ToArray(), "9223372036854775808"u8.ToArray(), "&#0;"u8.ToArray(), "&#xD800;"u8.ToArray(),
        [0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xC0, 0x80],
    ];
}

/// <summary>The body of a request: what a KMS reads from any client.</summary>
internal sealed class AnnexDRequestTarget : IFuzzTarget
{
    private static readonly AnnexDReadOptions _lenient = AnnexDReadOptions.Request with { Lenient = true };

    public string Name => "annexd-request";

    public IReadOnlyList<byte[]> Dictionary => AnnexDDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input) => $"{Parse(input, AnnexDReadOptions.Request)} {Parse(input, _lenient)}";

    private static string Parse(ReadOnlyMemory<byte> input, AnnexDReadOptions options)
    {
        KmsRequest request;
        try
        {
            request = KmsRequest.Parse(input, options);
        }
        catch (KeyManagementFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        ArrayBufferWriter<byte> written = new();
        request.WriteTo(written);
        KmsRequest again = KmsRequest.Parse(written.WrittenMemory);
        FuzzTargets.Require(
            Content(again) == Content(request) && again.ClientError == request.ClientError
            && again.HeldCertificates.SequenceEqual(request.HeldCertificates)
            && (options.Lenient || again.RedirectResponses.Select(r => Convert.ToHexString(r.Octets.Span))
                .SequenceEqual(request.RedirectResponses.Select(r => Convert.ToHexString(r.Octets.Span)))),
            "a request reads back as it was written");
        return "read";
    }

    private static (DateTimeOffset, string, string, string?, string?, string, string?, string?) Content(KmsRequest r) =>
        (r.Time, r.UserUri, r.KmsUri, r.ClientId, r.DeviceId, r.ClientReqUrl, r.TransportKeyId, r.SignatureId);
}

/// <summary>The body of a response: what a client reads from a KMS that it has not yet reason to trust.</summary>
internal sealed class AnnexDResponseTarget : IFuzzTarget
{
    private static readonly AnnexDReadOptions _lenient = AnnexDReadOptions.Response with { Lenient = true };

    public string Name => "annexd-response";

    public IReadOnlyList<byte[]> Dictionary => AnnexDDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input) => $"{Parse(input, AnnexDReadOptions.Response)} {Parse(input, _lenient)}";

    private static string Parse(ReadOnlyMemory<byte> input, AnnexDReadOptions options)
    {
        KmsResponse response;
        try
        {
            response = KmsResponse.Parse(input, options);
        }
        catch (KeyManagementFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        using (response)
        {
            if (response.Message is KmsKeyProv prov && prov.KeySets.Any(PartlyWrapped))
            {
                return "read partly wrapped";
            }

            byte[] written = Write(response);
            using KmsResponse again = KmsResponse.Parse(written);
            FuzzTargets.Require(Write(again).AsSpan().SequenceEqual(written), "a response is written the same after reading back");
            return $"read {response.Message?.GetType().Name} {response.Error is not null}";
        }
    }

    /// <summary>Such a key set is read, to be refused, and never written.</summary>
    private static bool PartlyWrapped(KmsKeySet keySet) => keySet.HasEncryptedKeys
        && !keySet.TryUnwrap(AnnexDKeys.Transport, out _, out KeyUnwrapFault fault) && fault == KeyUnwrapFault.PartlyWrapped;

    private static byte[] Write(KmsResponse response)
    {
        ArrayBufferWriter<byte> written = new();
        response.WriteTo(written);
        return written.WrittenSpan.ToArray();
    }
}
