using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Watchword.Kms.Pkcs11;

/// <summary>
/// A key-encryption key in a PKCS#11 token: AES-256, sensitive, not extractable. The PIN is tried once; one that was refused is
/// never tried again by this object, because a token locks after a few.
/// </summary>
public sealed class TokenKeySource : IKeyEncryptionKeySource
{
    private const int KeyOctets = 32;
    private const int KeyIdOctets = 16;

    private readonly TokenKeyOptions _options;
    private volatile bool _refused;

    /// <summary>Names the key; nothing is opened yet.</summary>
    public TokenKeySource(TokenKeyOptions options) => _options = options;

    /// <inheritdoc/>
    public string Kind => KeyEncryptionKeyKinds.Pkcs11;

    /// <inheritdoc/>
    public async Task<IKeyEncryptionKey> OpenAsync(
        KeyEncryptionKeyParameters? stored, CancellationToken cancellationToken = default)
    {
        CustodySecret pin = await _options.Pin.OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new TokenKey(this, pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    /// <summary>Generates the key in the token. It can only ever be used there.</summary>
    /// <returns>Its parameters.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.TokenKeyUnsuitable"/> if there is one of that label
    /// already.</exception>
    public async Task<KeyEncryptionKeyParameters> CreateKeyAsync(CancellationToken cancellationToken = default)
    {
        using CustodySecret pin = await _options.Pin.OpenAsync(cancellationToken).ConfigureAwait(false);
        ISlot slot = TokenLibrary.FindSlot(_options.Library, _options.TokenLabel);
        using ISession session = LogIn(slot, pin, SessionType.ReadWrite);
        try
        {
            if (session.FindAllObjects(Template(session)).Count > 0)
            {
                throw new KmsException(KmsError.TokenKeyUnsuitable, $"the token has a key {_options.KeyLabel} already");
            }

            TokenMechanism mechanism = Usable(slot)[0];
            bool seals = mechanism == TokenMechanism.AesGcm;
            byte[] id = _options.KeyId is { } given ? Convert.FromHexString(given) : RandomNumberGenerator.GetBytes(KeyIdOctets);
            var create = session.Factories.ObjectAttributeFactory;
            session.GenerateKey(
                session.Factories.MechanismFactory.Create(CKM.CKM_AES_KEY_GEN),
                [
                    create.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
                    create.Create(CKA.CKA_KEY_TYPE, CKK.CKK_AES),
                    create.Create(CKA.CKA_TOKEN, true),
                    create.Create(CKA.CKA_PRIVATE, true),
                    create.Create(CKA.CKA_SENSITIVE, true),
                    create.Create(CKA.CKA_EXTRACTABLE, false),
                    create.Create(CKA.CKA_MODIFIABLE, false),
                    create.Create(CKA.CKA_VALUE_LEN, KeyOctets),
                    create.Create(CKA.CKA_LABEL, _options.KeyLabel),
                    create.Create(CKA.CKA_ID, id),

                    // One use only: a key that both wraps and decrypts would give away other keys of the token.
                    create.Create(CKA.CKA_ENCRYPT, seals),
                    create.Create(CKA.CKA_DECRYPT, seals),
                    create.Create(CKA.CKA_WRAP, !seals),
                    create.Create(CKA.CKA_UNWRAP, !seals),
                ]);
            return new KeyEncryptionKeyParameters(Kind, IdOf(id), Mechanism: NameOf(mechanism));
        }
        catch (Pkcs11Exception fault)
        {
            throw Failed(fault);
        }
    }

    internal static KmsException Failed(Pkcs11Exception fault) =>
        new(KmsError.TokenFailed, TokenLibrary.Describe(fault), fault);

    /// <summary>Opens a session that is logged in and finds the key.</summary>
    internal (ISession Session, IObjectHandle Key, KeyEncryptionKeyParameters Parameters, TokenMechanism Mechanism) Open(
        CustodySecret pin)
    {
        ISlot slot = TokenLibrary.FindSlot(_options.Library, _options.TokenLabel);
        ISession session = LogIn(slot, pin, SessionType.ReadOnly);
        try
        {
            (IObjectHandle key, byte[] id, bool seals) = FindKey(session);
            TokenMechanism mechanism = Usable(slot).Cast<TokenMechanism?>()
                .FirstOrDefault(of => of == TokenMechanism.AesGcm == seals)
                ?? throw new KmsException(
                    KmsError.TokenKeyUnsuitable, $"{_options.KeyLabel} may not be used with the mechanism configured");
            return (session, key, new KeyEncryptionKeyParameters(Kind, IdOf(id), Mechanism: NameOf(mechanism)), mechanism);
        }
        catch (Pkcs11Exception fault)
        {
            session.Dispose();
            throw Failed(fault);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static string NameOf(TokenMechanism mechanism) => mechanism switch
    {
        TokenMechanism.AesGcm => "CKM_AES_GCM",
        TokenMechanism.AesKeyWrapPad => "CKM_AES_KEY_WRAP_PAD",
        _ => "CKM_AES_KEY_WRAP",
    };

    // CKA_ID goes along when a key is cloned to a spare token, so custody stays readable there.
    private string IdOf(byte[] id) => id.Length > 0 ? Convert.ToHexStringLower(id) : $"label {_options.KeyLabel}";

    private ISession LogIn(ISlot slot, CustodySecret pin, SessionType type)
    {
        if (_refused)
        {
            throw new KmsException(KmsError.TokenPinRefused, "it was refused before, and is not tried again");
        }

        ITokenFlags flags = slot.GetTokenInfo().TokenFlags;
        if (flags.UserPinLocked || flags.UserPinFinalTry)
        {
            throw new KmsException(
                KmsError.TokenPinLocked, flags.UserPinLocked ? "locked" : "one more wrong PIN would lock it");
        }

        ISession session = slot.OpenSession(type);
        byte[] octets = GC.AllocateUninitializedArray<byte>(pin.Length, pinned: true);
        try
        {
            pin.Export(octets);
            session.Login(CKU.CKU_USER, octets);
            return session;
        }
        catch (Pkcs11Exception fault) when (fault.RV == CKR.CKR_USER_ALREADY_LOGGED_IN)
        {
            // Another session of this process has done it: the log-in is the application's, not the session's.
            return session;
        }
        catch (Pkcs11Exception fault)
        {
            session.Dispose();
            _refused = fault.RV is CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_INVALID or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_EXPIRED;
            throw fault.RV == CKR.CKR_PIN_LOCKED
                ? new KmsException(KmsError.TokenPinLocked, "locked", fault)
                : _refused ? new KmsException(KmsError.TokenPinRefused, fault.RV.ToString(), fault) : Failed(fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <summary>What the token can and the configuration allows, the best first.</summary>
    private TokenMechanism[] Usable(ISlot slot)
    {
        List<CKM> known = slot.GetMechanismList();
        (TokenMechanism Mechanism, CKM Number)[] preferred =
        [
            (TokenMechanism.AesGcm, CKM.CKM_AES_GCM),
            (TokenMechanism.AesKeyWrapPad, CKM.CKM_AES_KEY_WRAP_PAD),
            (TokenMechanism.AesKeyWrap, CKM.CKM_AES_KEY_WRAP),
        ];
        TokenMechanism[] usable =
        [
            .. preferred
                .Where(of => _options.Mechanism is TokenMechanism.Automatic || of.Mechanism == _options.Mechanism)
                .Where(of => known.Contains(of.Number))
                .Select(of => of.Mechanism),
        ];
        return usable.Length > 0
            ? usable
            : throw new KmsException(KmsError.TokenKeyUnsuitable, "the token has none of the mechanisms that may be used");
    }

    private List<IObjectAttribute> Template(ISession session)
    {
        var create = session.Factories.ObjectAttributeFactory;
        List<IObjectAttribute> template =
        [
            create.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
            create.Create(CKA.CKA_LABEL, _options.KeyLabel),
        ];
        if (_options.KeyId is { } id)
        {
            template.Add(create.Create(CKA.CKA_ID, Convert.FromHexString(id)));
        }

        return template;
    }

    private (IObjectHandle Key, byte[] Id, bool Seals) FindKey(ISession session)
    {
        List<IObjectHandle> found = session.FindAllObjects(Template(session));
        if (found is not [{ } key])
        {
            throw new KmsException(KmsError.TokenKeyUnsuitable, $"{found.Count} keys are labelled {_options.KeyLabel}");
        }

        List<IObjectAttribute> of = session.GetAttributeValue(
            key,
            [
                CKA.CKA_KEY_TYPE, CKA.CKA_VALUE_LEN, CKA.CKA_SENSITIVE, CKA.CKA_EXTRACTABLE, CKA.CKA_ID,
                CKA.CKA_ENCRYPT, CKA.CKA_DECRYPT,
            ]);
        if (of[0].GetValueAsUlong() != (ulong)CKK.CKK_AES || of[1].GetValueAsUlong() != KeyOctets)
        {
            throw new KmsException(KmsError.TokenKeyUnsuitable, $"{_options.KeyLabel} is not an AES key of 256 bits");
        }

        return of[2].GetValueAsBool() && !of[3].GetValueAsBool()
            ? (key, of[4].GetValueAsByteArray() ?? [], of[5].GetValueAsBool() && of[6].GetValueAsBool())
            : throw new KmsException(KmsError.TokenKeyUnsuitable, $"{_options.KeyLabel} can leave the token");
    }
}
