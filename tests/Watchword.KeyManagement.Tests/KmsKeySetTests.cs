using Watchword.Cryptography;

namespace Watchword.KeyManagement.Tests;

public sealed class KmsKeySetTests
{
    private static readonly TestDomain Domain = TestDomain.Shared;

    [Fact]
    public void An_issued_key_set_is_valid_and_works()
    {
        using KmsKeySet issued = Domain.IssueAnew();
        issued.TryValidate(Domain.Certificate, out ValidatedKeySet? keys, out KeySetFault fault).ShouldBeTrue();
        fault.ShouldBe(KeySetFault.None);
        using (keys)
        {
            keys!.UserUri.ShouldBe(TestDomain.User);
            keys.KmsUri.ShouldBe(TestDomain.Kms);
            keys.KeyPeriod.ShouldBe(Domain.Certificate.Schedule.FromNumber(TestDomain.Period));
            keys.UserId.ShouldBe(Domain.Certificate.UserIdFor(TestDomain.User, TestDomain.Period));

            byte[] signature = new byte[EccsiSigningKey.SignatureSizeInBytes];
            keys.SigningKey.Sign("watch"u8, signature);
            Domain.Certificate.PublicAuthenticationKey.Verify(keys.UserId.Octets, "watch"u8, signature).ShouldBeTrue();

            byte[] sent = new byte[SakkePublicKey.SharedSecretSizeInBytes];
            byte[] received = new byte[SakkePublicKey.SharedSecretSizeInBytes];
            byte[] encapsulated = new byte[SakkePublicKey.EncapsulatedSizeInBytes];
            Domain.Certificate.PublicEncryptionKey.Encapsulate(keys.UserId.Octets, sent, encapsulated);
            keys.ReceiverKey.TryDecapsulate(encapsulated, received).ShouldBeTrue();
            received.ShouldBe(sent);
        }
    }

    [Fact]
    public void A_key_set_states_its_period_as_validity()
    {
        using KmsKeySet issued = Domain.IssueAnew();
        KeyPeriod period = Domain.Certificate.Schedule.FromNumber(TestDomain.Period);
        (issued.ValidFrom, issued.ValidTo).ShouldBe((period.Start, period.End.AddSeconds(-1)));
        (issued.CertUri, issued.Issuer, issued.Revoked, issued.HasEncryptedKeys)
            .ShouldBe(("cert1.kms.example.org", "www.example.org", false, false));
    }

    [Fact]
    public void A_key_set_is_made_again_of_its_octets_and_changed_ones_are_found()
    {
        using KmsKeySet issued = Domain.IssueAnew();
        byte[] receiver = new byte[SakkeReceiverKey.SizeInBytes];
        byte[] secret = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        issued.ExportReceiverKey(receiver);
        issued.ExportSigningSecret(secret);
        issued.ExportPublicToken(token);
        SakkeReceiverKey.IsOnCurve(receiver).ShouldBeTrue();
        using (KmsKeySet again = KmsKeySet.Restore(Domain.Certificate, TestDomain.User, TestDomain.Period, receiver, secret, token))
        {
            (again.UserId, again.ValidFrom, again.ValidTo, again.CertUri, again.KmsUri).ShouldBe(
                (issued.UserId, issued.ValidFrom, issued.ValidTo, issued.CertUri, issued.KmsUri));
            again.TryValidate(Domain.Certificate, out ValidatedKeySet? keys, out _).ShouldBeTrue();
            keys!.Dispose();
        }

        receiver[^1] ^= 1;
        SakkeReceiverKey.IsOnCurve(receiver).ShouldBeFalse();
        SakkeReceiverKey.IsOnCurve(receiver.AsSpan(1)).ShouldBeFalse();
        using (KmsKeySet changed = KmsKeySet.Restore(Domain.Certificate, TestDomain.User, TestDomain.Period, receiver, secret, token))
        {
            changed.TryValidate(Domain.Certificate, out _, out KeySetFault fault).ShouldBeFalse();
            fault.ShouldBe(KeySetFault.BadDecryptionKey);
        }

        using (KmsKeySet anothers = KmsKeySet.Restore(Domain.Certificate, "sip:other@x", TestDomain.Period, receiver, secret, token))
        {
            anothers.TryValidate(Domain.Certificate, out _, out KeySetFault fault).ShouldBeFalse();
            fault.ShouldBe(KeySetFault.BadSigningKey);
        }

        Should.Throw<ArgumentException>(
            () => KmsKeySet.Restore(Domain.Certificate, TestDomain.User, TestDomain.Period, secret, secret, token));
    }

    [Fact]
    public void Keys_of_another_user_or_kms_do_not_make_a_key_set()
    {
        UserId mine = Domain.Certificate.UserIdFor(TestDomain.User, TestDomain.Period);
        UserId theirs = Domain.Certificate.UserIdFor("sip:other@example.org", TestDomain.Period);
        using EccsiMasterKey eccsi = EccsiMasterKey.Generate();
        using SakkeMasterKey sakke = SakkeMasterKey.Generate();
        using EccsiSigningKey foreignSigning = eccsi.IssueSigningKey(mine.Octets);
        using SakkeReceiverKey foreignReceiver = sakke.IssueReceiverKey(mine.Octets);
        using KmsKeySet issued = Domain.Issue();
        issued.TryValidate(Domain.Certificate, out ValidatedKeySet? keys, out _).ShouldBeTrue();
        using (keys)
        {
            Create(foreignSigning, keys!.ReceiverKey, TestDomain.User).ShouldBe("signing");
            Create(keys.SigningKey, foreignReceiver, TestDomain.User).ShouldBe("receiver");
            Create(keys.SigningKey, keys.ReceiverKey, "sip:other@example.org").ShouldBe("signing");
        }

        theirs.ShouldNotBe(mine);

        string? Create(EccsiSigningKey signing, SakkeReceiverKey receiver, string user) =>
            Should.Throw<ArgumentException>(() => KmsKeySet.Create(Domain.Certificate, user, TestDomain.Period, signing, receiver)).ParamName;
    }

    [Fact]
    public void Every_fault_of_the_certificate_has_its_reason()
    {
        using KmsKeySet issued = Domain.Issue();
        Fault(issued, Domain.Certify(kms: "kms.example.ORG")).ShouldBe(KeySetFault.WrongKmsUri);
        Fault(issued, Domain.Certify(certUri: "cert2.kms.example.org")).ShouldBe(KeySetFault.WrongCertificate);
        Fault(issued, Domain.Certify(certUri: null)).ShouldBe(KeySetFault.None);
        Fault(issued, Domain.Certify(KmsCertificateRole.External)).ShouldBe(KeySetFault.CertificateNotRoot);
        Fault(issued, Domain.Certify(revoked: true)).ShouldBe(KeySetFault.CertificateRevoked);
        Fault(issued, Domain.Certify(to: issued.ValidFrom!.Value.AddSeconds(-1))).ShouldBe(KeySetFault.CertificateNotValid);
        Fault(issued, Domain.Certify(from: issued.ValidTo!.Value.AddSeconds(1))).ShouldBe(KeySetFault.CertificateNotValid);
        Fault(issued, Domain.Certify(schedule: new KeyPeriodSchedule(2419200, 0))).ShouldBe(KeySetFault.PeriodMismatch);
        Fault(issued, Domain.Certify(schedule: new KeyPeriodSchedule(2592000, 1))).ShouldBe(KeySetFault.UserIdMismatch);
        Fault(issued, TestDomain.Other.Certificate).ShouldBe(KeySetFault.BadSigningKey);
    }

    [Theory]
    [InlineData("<UserUri>sip:user@example.org", "<UserUri>sip:other@example.org", KeySetFault.UserIdMismatch)]
    [InlineData("<KeyPeriodNo>1534", "<KeyPeriodNo>1535", KeySetFault.PeriodMismatch)]
    [InlineData("<KeyPeriodNo>1534", "<KeyPeriodNo>-1", KeySetFault.PeriodMismatch)]
    [InlineData("<KeyPeriodNo>1534", "<KeyPeriodNo>9223372036854775807", KeySetFault.PeriodMismatch)]
    [InlineData("<Revoked>false", "<Revoked>true", KeySetFault.Revoked)]
    [InlineData("<ValidTo>2026", "<ValidTo>2020", KeySetFault.InvalidValidity)]
    public void Every_false_statement_has_its_reason(string stated, string claimed, KeySetFault fault)
    {
        using KmsKeySet issued = Domain.Issue();
        string document = KeySetDocument(issued);
        document.ShouldContain(stated);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(ReplaceLast(document, stated, claimed)));
        Fault(((KmsKeyProv)response.Message!).KeySets[0], Domain.Certificate).ShouldBe(fault);
    }

    [Fact]
    public void Keys_of_another_key_set_are_found_out()
    {
        using KmsKeySet mine = Domain.Issue();
        using KmsKeySet theirs = Domain.Issue("sip:other@example.org");
        string document = KeySetDocument(mine);
        Fault(document, "UserSigningKeySSK", theirs).ShouldBe(KeySetFault.BadSigningKey);
        Fault(document, "UserPubTokenPVT", theirs).ShouldBe(KeySetFault.BadSigningKey);
        Fault(document, "UserDecryptKey", theirs).ShouldBe(KeySetFault.BadDecryptionKey);
    }

    [Fact]
    public void A_key_set_of_another_period_has_other_keys()
    {
        using KmsKeySet now = Domain.Issue();
        using KmsKeySet next = Domain.Issue(period: TestDomain.Period + 1);
        next.UserId.ShouldNotBe(now.UserId);
        next.ValidFrom.ShouldBe(now.ValidTo!.Value.AddSeconds(1));
        Fault(KeySetDocument(now), "UserDecryptKey", next).ShouldBe(KeySetFault.BadDecryptionKey);
        Fault(next, Domain.Certificate).ShouldBe(KeySetFault.None);
    }

    [Fact]
    public void Secrets_are_exported_only_whole_and_never_after_dispose()
    {
        KmsKeySet issued = Domain.IssueAnew();
        byte[] receiver = new byte[SakkeReceiverKey.SizeInBytes];
        byte[] secret = new byte[EccsiSigningKey.SecretSizeInBytes];
        byte[] token = new byte[EccsiSigningKey.PublicTokenSizeInBytes];
        issued.ExportReceiverKey(receiver);
        issued.ExportSigningSecret(secret);
        issued.ExportPublicToken(token);
        (receiver[0], token[0], secret.Any(octet => octet != 0)).ShouldBe(((byte)4, (byte)4, true));
        Should.Throw<ArgumentException>(() => issued.ExportReceiverKey(new byte[256]));
        Should.Throw<ArgumentException>(() => issued.ExportSigningSecret(new byte[33]));
        issued.ToString().ShouldBe(nameof(KmsKeySet));

        issued.Dispose();
        Should.Throw<ObjectDisposedException>(() => issued.ExportSigningSecret(secret));
        Should.Throw<ObjectDisposedException>(() => issued.TryValidate(Domain.Certificate, out _, out _));
        using KmsResponse answer = TestDomain.Answer(new KmsKeyProv([issued]));
        Should.Throw<ObjectDisposedException>(() => TestDomain.Write(answer));
    }

    [Fact]
    public void A_response_disposes_the_key_sets_that_it_holds()
    {
        KmsKeySet issued = Domain.Issue();
        TestDomain.Answer(new KmsKeyProv([issued])).Dispose();
        Should.Throw<ObjectDisposedException>(() => issued.ExportPublicToken(new byte[EccsiSigningKey.PublicTokenSizeInBytes]));
    }

    private static string KeySetDocument(KmsKeySet keySet) => TestDomain.WriteText(TestDomain.Answer(new KmsKeyProv([keySet])));

    private static string ReplaceLast(string text, string old, string replacement)
    {
        // UserUri stands in the response too: the key set's own is the last.
        int at = text.LastIndexOf(old, StringComparison.Ordinal);
        return string.Concat(text.AsSpan(0, at), replacement, text.AsSpan(at + old.Length));
    }

    private static KeySetFault Fault(string document, string element, KmsKeySet other)
    {
        string theirs = KeySetDocument(other);
        using KmsResponse response = KmsResponse.Parse(TestDomain.Octets(
            document.Replace(Element(document, element), Element(theirs, element), StringComparison.Ordinal)));
        return Fault(((KmsKeyProv)response.Message!).KeySets[0], Domain.Certificate);
    }

    private static string Element(string document, string name)
    {
        int start = document.IndexOf('<' + name, StringComparison.Ordinal);
        return document[start..document.IndexOf("</" + name, start, StringComparison.Ordinal)];
    }

    private static KeySetFault Fault(KmsKeySet keySet, KmsCertificate certificate)
    {
        bool valid = keySet.TryValidate(certificate, out ValidatedKeySet? keys, out KeySetFault fault);
        valid.ShouldBe(fault == KeySetFault.None);
        (keys is not null).ShouldBe(valid);
        keys?.Dispose();
        return fault;
    }
}
