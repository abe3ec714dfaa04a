using System.Security.Cryptography;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace Watchword.Kms.Pkcs11;

/// <summary>
/// The key while a session is open. The data key is in memory of this process, as everywhere; the key-encryption key is in the
/// token.
/// <code>
/// wrapped = 1 | 12 octets of nonce | CKM_AES_GCM(data key; associated data)
/// wrapped = 2 or 3 | 32 octets of HMAC-SHA-256(HKDF-Expand(data key), associated data) | C_WrapKey(data key)
/// </code>
/// Key wrapping knows no associated data, so an HMAC under the data key binds it.
/// </summary>
internal sealed class TokenKey : IKeyEncryptionKey
{
    private const int DataKeyOctets = 32;
    private const int NonceOctets = 12;
    private const int TagBits = 128;
    private const int BindingOctets = 32;

    private readonly TokenKeySource _source;
    private readonly CustodySecret _pin;
    private readonly TokenMechanism _mechanism;
    private readonly Lock _gate = new();
    private ISession _session;
    private IObjectHandle _key;

    /// <param name="source">Opens sessions.</param>
    /// <param name="pin">Kept, for when the token comes back after it was gone; disposed with this.</param>
    public TokenKey(TokenKeySource source, CustodySecret pin)
    {
        _source = source;
        _pin = pin;
        (_session, _key, Parameters, _mechanism) = source.Open(pin);
    }

    /// <inheritdoc/>
    public KeyEncryptionKeyParameters Parameters { get; }

    /// <inheritdoc/>
    public byte[] Wrap(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> associatedData)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(dataKey.Length, DataKeyOctets);
        byte[] octets = Pinned(dataKey);
        byte[] associated = associatedData.ToArray();
        try
        {
            return Use((session, key) => _mechanism == TokenMechanism.AesGcm
                ? Seal(session, key, octets, associated)
                : [(byte)_mechanism, .. Binding(octets, associated), .. WrapObject(session, key, octets)]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <inheritdoc/>
    public void Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> associatedData, Span<byte> dataKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(dataKey.Length, DataKeyOctets);
        dataKey.Clear();
        byte[] content = wrapped.ToArray();
        byte[] associated = associatedData.ToArray();
        byte[]? opened = null;
        try
        {
            opened = Use((session, key) => Open(session, key, content, associated));
            if (opened?.Length != DataKeyOctets)
            {
                throw new KmsException(KmsError.CustodyNotOpened, "a wrapped data key");
            }

            opened.CopyTo(dataKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            Close();
            _pin.Dispose();
        }
    }

    private static byte[]? Open(ISession session, IObjectHandle key, byte[] wrapped, byte[] associated)
    {
        TokenMechanism mechanism = wrapped.Length > 0 ? (TokenMechanism)wrapped[0] : default;
        try
        {
            switch (mechanism)
            {
                case TokenMechanism.AesGcm when wrapped.Length == 1 + NonceOctets + DataKeyOctets + (TagBits / 8):
                    using (IMechanism gcm = Gcm(session, wrapped[1..(1 + NonceOctets)], associated))
                    {
                        return session.Decrypt(gcm, key, wrapped[(1 + NonceOctets)..]);
                    }

                case TokenMechanism.AesKeyWrap or TokenMechanism.AesKeyWrapPad when wrapped.Length > 1 + BindingOctets:
                    byte[] opened = UnwrapObject(session, key, mechanism, wrapped[(1 + BindingOctets)..]);
                    if (CryptographicOperations.FixedTimeEquals(Binding(opened, associated), wrapped.AsSpan(1, BindingOctets)))
                    {
                        return opened;
                    }

                    CryptographicOperations.ZeroMemory(opened);
                    return null;
                default:
                    return null;
            }
        }
        catch (Pkcs11Exception fault) when (fault.RV is CKR.CKR_ENCRYPTED_DATA_INVALID or CKR.CKR_ENCRYPTED_DATA_LEN_RANGE
            or CKR.CKR_WRAPPED_KEY_INVALID or CKR.CKR_WRAPPED_KEY_LEN_RANGE or CKR.CKR_GENERAL_ERROR)
        {
            // Tokens differ in how they say that the tag is wrong.
            return null;
        }
    }

    private static byte[] Seal(ISession session, IObjectHandle key, byte[] dataKey, byte[] associated)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceOctets);
        using IMechanism gcm = Gcm(session, nonce, associated);
        return [(byte)TokenMechanism.AesGcm, .. nonce, .. session.Encrypt(gcm, key, dataKey)];
    }

    private static IMechanism Gcm(ISession session, byte[] nonce, byte[] associated) =>
        session.Factories.MechanismFactory.Create(
            CKM.CKM_AES_GCM,
            session.Factories.MechanismParamsFactory.CreateCkGcmParams(nonce, NonceOctets * 8, associated, TagBits));

    private static IMechanism KeyWrap(ISession session, TokenMechanism mechanism) => session.Factories.MechanismFactory.Create(
        mechanism == TokenMechanism.AesKeyWrapPad ? CKM.CKM_AES_KEY_WRAP_PAD : CKM.CKM_AES_KEY_WRAP);

    private static byte[] Binding(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> associated)
    {
        Span<byte> key = stackalloc byte[BindingOctets];
        HKDF.Expand(HashAlgorithmName.SHA256, dataKey, key, "watchword-token-wrap-1"u8);
        byte[] binding = HMACSHA256.HashData(key, associated);
        CryptographicOperations.ZeroMemory(key);
        return binding;
    }

    private byte[] WrapObject(ISession session, IObjectHandle key, byte[] dataKey)
    {
        using IMechanism mechanism = KeyWrap(session, _mechanism);
        var create = session.Factories.ObjectAttributeFactory;
        IObjectHandle temporary = session.CreateObject(
        [
            .. Temporary(session),
            create.Create(CKA.CKA_VALUE, dataKey),
        ]);
        try
        {
            return session.WrapKey(mechanism, key, temporary);
        }
        finally
        {
            session.DestroyObject(temporary);
        }
    }

    private static byte[] UnwrapObject(ISession session, IObjectHandle key, TokenMechanism how, byte[] wrapped)
    {
        using IMechanism mechanism = KeyWrap(session, how);
        IObjectHandle temporary = session.UnwrapKey(mechanism, key, wrapped, Temporary(session));
        try
        {
            return session.GetAttributeValue(temporary, [CKA.CKA_VALUE])[0].GetValueAsByteArray();
        }
        finally
        {
            session.DestroyObject(temporary);
        }
    }

    // The data key as an object of the session: gone when the session is, and by design readable.
    private static List<IObjectAttribute> Temporary(ISession session)
    {
        var create = session.Factories.ObjectAttributeFactory;
        return
        [
            create.Create(CKA.CKA_CLASS, CKO.CKO_SECRET_KEY),
            create.Create(CKA.CKA_KEY_TYPE, CKK.CKK_GENERIC_SECRET),
            create.Create(CKA.CKA_TOKEN, false),
            create.Create(CKA.CKA_PRIVATE, true),
            create.Create(CKA.CKA_SENSITIVE, false),
            create.Create(CKA.CKA_EXTRACTABLE, true),
        ];
    }

    private T Use<T>(Func<ISession, IObjectHandle, T> act)
    {
        lock (_gate)
        {
            try
            {
                return act(_session, _key);
            }
            catch (Pkcs11Exception fault) when (IsGone(fault.RV))
            {
                Close();
                (_session, _key, KeyEncryptionKeyParameters found, _) = _source.Open(_pin);
                if (found.KeyId != Parameters.KeyId)
                {
                    throw new KmsException(KmsError.TokenKeyUnsuitable, "the token came back with another key", fault);
                }
            }
            catch (Pkcs11Exception fault)
            {
                throw TokenKeySource.Failed(fault);
            }

            try
            {
                return act(_session, _key);
            }
            catch (Pkcs11Exception fault)
            {
                throw TokenKeySource.Failed(fault);
            }
        }
    }

    private void Close()
    {
        try
        {
            _session.Dispose();
        }
        catch (Pkcs11Exception fault) when (IsGone(fault.RV))
        {
            // Closed already, by the token.
        }
    }

    // Pulled out, restarted, or its network was away: worth one new session.
    private static bool IsGone(CKR value) => value is CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED
        or CKR.CKR_DEVICE_REMOVED or CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_OBJECT_HANDLE_INVALID
        or CKR.CKR_KEY_HANDLE_INVALID;

    private static byte[] Pinned(ReadOnlySpan<byte> octets)
    {
        byte[] pinned = GC.AllocateUninitializedArray<byte>(octets.Length, pinned: true);
        octets.CopyTo(pinned);
        return pinned;
    }
}
