using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Watchword.KeyManagement;

namespace Watchword.Fuzz;

/// <summary>The keys that the corpus is signed and wrapped with.</summary>
internal static class AnnexDKeys
{
    public static TransportKey Transport { get; } = TransportKey.Import("tk.12.user@example.org", SHA256.HashData("fuzz transport"u8));

    public static IntegrityKey Integrity { get; } = IntegrityKey.Import("ink.12.user@example.org", SHA256.HashData("fuzz integrity"u8));
}

/// <summary>A signed request: what anybody may send to a KMS in the name of a key.</summary>
internal sealed class SignedRequestTarget : IFuzzTarget
{
    private static readonly AnnexDReadOptions _lenient = AnnexDReadOptions.Request with { Lenient = true };

    public string Name => "annexd-signed-request";

    public IReadOnlyList<byte[]> Dictionary => AnnexDDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input) => $"{Parse(input, AnnexDReadOptions.Request)} {Parse(input, _lenient)}";

    private static string Parse(ReadOnlyMemory<byte> input, AnnexDReadOptions options)
    {
        SignedKmsRequest signed;
        try
        {
            signed = SignedKmsRequest.Parse(input, options);
        }
        catch (KeyManagementFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        if (!signed.TryVerify(AnnexDKeys.Integrity, out KmsRequest? request, out SignatureFault fault))
        {
            return fault.ToString();
        }

        // Nobody but the holder of the key makes a request that verifies: it says what those of the corpus say.
        FuzzTargets.Require(request.UserUri == "sip:user@example.org" && request.KmsUri == "kms.example.org", "no mutation is verified");
        return "verified";
    }
}

/// <summary>A signed response, with key material that is wrapped: what a client reads from the network.</summary>
internal sealed class SignedResponseTarget : IFuzzTarget
{
    public string Name => "annexd-signed-response";

    public IReadOnlyList<byte[]> Dictionary => AnnexDDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input)
    {
        KmsResponse? response = null;
        try
        {
            if (!SignedKmsResponse.Parse(input).TryVerify(AnnexDKeys.Integrity, out response, out SignatureFault fault))
            {
                return fault.ToString();
            }
        }
        catch (KeyManagementFormatException e)
        {
            return $"{e.ElementPath}:{e.Fault}";
        }

        using (response)
        {
            FuzzTargets.Require(response.UserUri == "sip:user@example.org", "no mutation is verified");
            return "verified " + response.Message?.GetType().Name;
        }
    }
}

/// <summary>A KMS redirect response, which anybody on the path of a SIP message may send.</summary>
internal sealed class RedirectResponseTarget : IFuzzTarget
{
    public string Name => "redirect-response";

    public IReadOnlyList<byte[]> Dictionary => AnnexDDictionary.Words;

    public string Run(ReadOnlyMemory<byte> input)
    {
        KmsRedirectResponse response;
        try
        {
            response = KmsRedirectResponse.Parse(input);
        }
        catch (KeyManagementFormatException e)
        {
            return e.Fault.ToString();
        }

        KmsRedirectResponse again = KmsRedirectResponse.Parse(response.Octets, AnnexDReadOptions.Response);
        FuzzTargets.Require(again.Octets.Span.SequenceEqual(response.Octets.Span), "canonical octets are canonical");
        bool verified = response.TryVerify(out X509Certificate2? signer);
        signer?.Dispose();
        FuzzTargets.Require(!verified || response.HasUnverifiedSignature, "what verifies is signed");
        string narrowed = Narrow(response);
        KmsRequest request = new()
        {
            UserUri = "u",
            KmsUri = "k",
            Time = DateTimeOffset.UnixEpoch,
            ClientReqUrl = "/",
            RedirectResponses = [response],
        };
        ArrayBufferWriter<byte> written = new();
        request.WriteTo(written);
        KmsRequest read = KmsRequest.Parse(written.WrittenMemory, AnnexDReadOptions.Response with { MaxDepth = 32 });
        FuzzTargets.Require(
            read.RedirectResponses.Count == 1 && read.RedirectResponses[0].Octets.Span.SequenceEqual(response.Octets.Span), "octets survive a request");
        return $"read {response.ProposedKmsUris.Count} {response.Embedded is not null} {response.HasUnverifiedSignature} {verified} {narrowed}";
    }

    private static string Narrow(KmsRedirectResponse response)
    {
        if (response.RejectedInitiatorKmsUri is null || response.RejectedReceiverKmsUri is null)
        {
            return "no pair";
        }

        try
        {
            KmsRedirectResponse narrowed = response.Narrow(kms => kms.Length % 2 == 0);
            FuzzTargets.Require(narrowed.NarrowsWhatIsEmbedded == response.NarrowsWhatIsEmbedded, "narrowing keeps a chain what it is");
            FuzzTargets.Require(narrowed.Embedded!.Octets.Span.SequenceEqual(response.Octets.Span), "what is embedded stays as it was");
            return $"narrowed {narrowed.NarrowsWhatIsEmbedded}";
        }
        catch (KeyManagementFormatException e)
        {
            return e.Fault.ToString();
        }
    }
}

/// <summary>A transport key file in any of its forms, typed in by hand.</summary>
internal sealed class TransportKeyFileTarget : IFuzzTarget
{
    public string Name => "transport-key-file";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "WWTK1:"u8.ToArray(), "{\"format\":"u8.ToArray(), "\"version\":"u8.ToArray(), "\"transportKey\":{"u8.ToArray(), "\\u0000"u8.ToArray(),
        "01  "u8.ToArray(), "\n02  "u8.ToArray(), "ZZZZZ"u8.ToArray(), "00000"u8.ToArray(), "\r\n"u8.ToArray(), [0xEF, 0xBB, 0xBF], [0xFF],
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        TransportKeyFile file;
        try
        {
            file = TransportKeyFile.Parse(input.Span);
        }
        catch (TransportKeyFileException e)
        {
            return $"{e.Fault} {e.Line}";
        }

        using (file)
        {
            foreach (Func<SecretText> export in new[] { file.ExportFile, file.ExportCompact, file.ExportSheet })
            {
                using SecretText text = export();
                using TransportKeyFile again = TransportKeyFile.Parse(text.Utf8);
                FuzzTargets.Require(
                    again.UserUri == file.UserUri && again.FingerprintWords.SequenceEqual(file.FingerprintWords), "a file reads back as it was written");
            }

            return "read";
        }
    }
}
