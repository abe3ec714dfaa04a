using System.Globalization;
using System.Text;
using Watchword.Cryptography;
using Watchword.KeyManagement;

namespace Watchword.Cli.Diagnosis;

/// <summary>
/// Checks the signature as RFC 3830 §5.2 and RFC 6507 mean it, and where it does not hold looks for what the sender did
/// instead: other
/// octets, another key period, another spelling of the identity, the keys of another domain.
/// </summary>
internal sealed class SignatureDiagnosis(MessageFacts facts, KnownDomains domains, DateTimeOffset now)
{
    private const string Check = "signature";
    private const string Clause = "RFC 3830 §5.2, RFC 6507 §5.2.2";
    private const int MaximumCertificates = 16;

    /// <summary>What an octet string is as what is signed.</summary>
    private sealed record Form(byte[] Octets, string? Deviation, string? Next = null);

    /// <summary>What an octet string is as the identity of the signer.</summary>
    private sealed record Identity(byte[] Octets, long Period, string? Deviation, string? Next = null);

    /// <summary>The finding.</summary>
    public Finding Run()
    {
        if (facts.Signature is null || facts.InitiatorKms is null || (facts.InitiatorUri is null && facts.InitiatorUid is null))
        {
            return new Finding(Check, FindingResult.Failed, "there is no signature, or nobody named who made it", Clause: Clause);
        }

        if (facts.Time is not { } time)
        {
            return new Finding(
                Check, FindingResult.Unknown, "not checked: without a time T there is no key period", Clause: "TS 33.180 E.1.2");
        }

        if (!EccsiPublicKey.TryImport(facts.Signature.Value.Span[64..], out _))
        {
            return new Finding(
                Check,
                FindingResult.Failed,
                "the PVT at the end of the signature is no point of P-256",
                "compare the message with what the sender sent",
                Clause);
        }

        Finding? missing = domains.Missing(Check, facts.InitiatorKms);
        IReadOnlyList<KmsCertificate> own = domains.Of(facts.InitiatorKms);
        IEnumerable<KmsCertificate> others = domains.All.Except(own).Take(MaximumCertificates);
        return Search(own, time, other: false) ?? Search(others, time, other: true) ?? missing ?? NothingFits(own, time);
    }

    private Finding? Search(IEnumerable<KmsCertificate> certificates, DateTimeOffset time, bool other)
    {
        foreach (KmsCertificate certificate in certificates)
        {
            foreach (Form form in Forms())
            {
                foreach (Identity identity in Identities(certificate, time))
                {
                    if (certificate.PublicAuthenticationKey.Verify(identity.Octets, form.Octets, facts.Signature!.Value.Span))
                    {
                        return Found(certificate, form, identity, time, other);
                    }
                }
            }
        }

        return null;
    }

    private Finding Found(KmsCertificate certificate, Form form, Identity identity, DateTimeOffset time, bool other)
    {
        List<string> deviations = [];
        if (other)
        {
            deviations.Add($"under the keys of {certificate.KmsUri}, while the message names {facts.InitiatorKms}");
        }

        deviations.AddRange(new[] { form.Deviation, identity.Deviation }.OfType<string>());
        if (deviations.Count > 0)
        {
            string? otherDomain = other ? "have the sender write its own KMS URI into IDRkmsi" : null;
            return new Finding(
                Check,
                FindingResult.Failed,
                "it was made " + string.Join(", and ", deviations),
                form.Next ?? identity.Next ?? otherDomain,
                Clause);
        }

        string signer = facts.InitiatorUri ?? "the hidden initiator";
        string period = string.Create(CultureInfo.InvariantCulture, $"{identity.Period}");
        return certificate.Revoked || !certificate.IsUsableAt(time)
            ? new Finding(
                Check,
                FindingResult.Failed,
                $"it is that of {signer}, but the KMS certificate of {certificate.KmsUri} is revoked or not valid at T",
                "fetch the KMS certificates again: watchword kms init, watchword kms certcache",
                "TS 33.180 5.2.7")
            : new Finding(
                Check,
                FindingResult.Passed,
                $"it is that of {signer}, key period {period} of {certificate.KmsUri}",
                Clause: Clause);
    }

    private Finding NothingFits(IReadOnlyList<KmsCertificate> own, DateTimeOffset time)
    {
        KmsCertificate certificate = own[0];
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"it is not that of {facts.InitiatorUri ?? "the UID named"} under {certificate.KmsUri}: tried key period "
                + $"{certificate.PeriodAt(time).Number}, its neighbours and today's, other spellings, and other octets signed");
        return new Finding(
            Check,
            FindingResult.Failed,
            text,
            "compare the message with what the sender sent; see whether his KMS certificate is of another generation; ask which "
                + "UID he signs with (watchword uid)",
            Clause);
    }

    private IEnumerable<Form> Forms()
    {
        byte[] whole = facts.Message.ToArray();
        int end = facts.SignatureOffset;
        yield return new Form(whole[..end], null);
        yield return new Form(
            whole[..(end - MessageFacts.SignaturePrefix)],
            "over the message without the two octets of S type and signature length",
            "have the sender sign as RFC 3830 §5.2 says; a receiver may name the tolerance SignatureWithoutLength meanwhile");
        byte[] otherLength = whole[..end];
        bool printed = (((otherLength[end - 2] << 8) | otherLength[end - 1]) & 0xFFF) == 32;
        (otherLength[end - 2], otherLength[end - 1]) = printed ? ((byte)0x20, (byte)0x81) : ((byte)0x20, (byte)0x20);
        yield return new Form(
            otherLength,
            printed
                ? "over a signature length of 129, while the message says 32"
                : "over a signature length of 32, while the message says 129",
            "have the sender write the length before he signs: 129");
        byte[] zeroed = [.. whole[..end], .. new byte[whole.Length - end]];
        yield return new Form(
            zeroed,
            "over the whole message with zeros in place of the signature",
            "have the sender leave the signature octets out");
        if (facts.PrecedingNextPayload is { } place)
        {
            byte[] unannounced = whole[..(end - MessageFacts.SignaturePrefix)];
            unannounced[place] = 0;
            yield return new Form(
                unannounced,
                "over the message before SIGN was added to it: the payload before it still said that it is the last",
                "have the sender write next payload 4 before he signs");
        }

        yield return new Form(
            whole[10..end], "over the payloads without the header", "have the sender sign from the first octet of the header");
    }

    private IEnumerable<Identity> Identities(KmsCertificate certificate, DateTimeOffset time)
    {
        if (facts.InitiatorUid is { } hidden)
        {
            yield return new Identity(hidden.ToArray(), certificate.PeriodAt(time).Number, null);
            yield break;
        }

        string uri = facts.InitiatorUri!;
        long own = certificate.PeriodAt(time).Number;
        foreach (PeriodUid uid in PeriodUids.Of("initiator", uri, certificate, time))
        {
            yield return uid.Distance == 0
                ? new Identity(uid.Uid.Octets.ToArray(), own, null)
                : OfPeriod(uid.Uid, uid.Period, uid.Distance, time);
        }

        long current = certificate.PeriodAt(now).Number;
        if (Math.Abs(current - own) > 1)
        {
            yield return OfPeriod(certificate.UserIdFor(uri, current), current, current - own, time);
        }

        foreach ((string spelling, string words) in Spellings(uri))
        {
            yield return new Identity(
                certificate.UserIdFor(spelling, own).Octets.ToArray(),
                own,
                $"with the UID of {words}, {spelling}",
                "have the sender hash the URI as provisioned");
        }

        const string HashIt = "have the sender sign with the UID of F.2.1, 32 octets";
        UserId right = certificate.UserIdFor(uri, own);
        yield return new Identity(Encoding.UTF8.GetBytes(uri), own, "with the URI itself as identity instead of its UID", HashIt);
        yield return new Identity(Encoding.ASCII.GetBytes(right.ToHex()), own, "with the UID as hexadecimal text", HashIt);
        yield return new Identity(
            Encoding.ASCII.GetBytes(right.ToHex().ToLowerInvariant()), own, "with the UID as hexadecimal text", HashIt);
        if (certificate.Schedule.OffsetSeconds != 0)
        {
            KeyPeriodSchedule plain = new(certificate.Schedule.PeriodSeconds, 0);
            UserId uid = UserId.Compute(uri, certificate.KmsUri, plain, plain.At(time).Number);
            yield return new Identity(
                uid.Octets.ToArray(),
                plain.At(time).Number,
                "with a UID of key periods without offset",
                "have the sender take UserKeyOffset of the KMS certificate");
        }
    }

    private static Identity OfPeriod(UserId uid, long period, long distance, DateTimeOffset time) => new(
        uid.Octets.ToArray(),
        period,
        "with the UID of " + PeriodUids.Explain(period, distance, time),
        "have the sender take the key set of the period that holds T, and set its clock");

    private static IEnumerable<(string Spelling, string Words)> Spellings(string uri)
    {
        string lower = uri.ToLowerInvariant();
        if (lower != uri)
        {
            yield return (lower, "the URI in lower case");
        }

        int scheme = uri.IndexOf(':', StringComparison.Ordinal);
        if (scheme >= 0)
        {
            yield return (uri[(scheme + 1)..], "the URI without its scheme");
        }
        else
        {
            yield return ("sip:" + uri, "the URI with a scheme");
        }

        if (uri.EndsWith('.'))
        {
            yield return (uri.TrimEnd('.'), "the URI without the dot at its end");
        }
    }
}
