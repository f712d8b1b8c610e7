namespace PrivacyPass.Native;

/// <summary>One computation modulo a number. Every value it makes or is given is wiped at its end; its numbers count as secret. Not for two threads at once.</summary>
internal sealed class ModularScope : IDisposable
{
    private readonly Modulus _modulus;
    private readonly List<IDisposable> _owned = [];

    internal ModularScope(Modulus modulus)
    {
        _modulus = modulus;
        Context = BigNumberContext.Create();
    }

    internal BigNumberContext Context { get; }

    /// <summary>Reads an unsigned big-endian number, not reduced.</summary>
    internal BigNumber FromBytes(ReadOnlySpan<byte> bigEndian)
    {
        var value = New();
        value.Load(bigEndian);
        return value;
    }

    /// <summary>Reads an unsigned big-endian number and reduces it.</summary>
    internal BigNumber Reduce(ReadOnlySpan<byte> bigEndian)
    {
        var value = FromBytes(bigEndian);
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_nnmod(value, value, _modulus.Value, Context));
        return value;
    }

    /// <summary>A uniformly random value from 1 to the modulus less one.</summary>
    internal BigNumber RandomNonZero()
    {
        var value = New();
        do
        {
            LibCryptoError.ThrowUnlessOne(LibCrypto.BN_priv_rand_range(value, _modulus.Value));
        }
        while (value.IsZero);
        return value;
    }

    internal BigNumber Add(BigNumber left, BigNumber right)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_mod_add(result, left, right, _modulus.Value, Context));
        return result;
    }

    internal BigNumber Subtract(BigNumber left, BigNumber right)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_mod_sub(result, left, right, _modulus.Value, Context));
        return result;
    }

    internal BigNumber Multiply(BigNumber left, BigNumber right)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(LibCrypto.BN_mod_mul(result, left, right, _modulus.Value, Context));
        return result;
    }

    internal BigNumber Square(BigNumber value) => Multiply(value, value);

    /// <summary>The value, which is below the modulus, to a power; constant-time because values of a scope are marked secret.</summary>
    internal BigNumber Power(BigNumber value, BigNumber exponent)
    {
        var result = New();
        LibCryptoError.ThrowUnlessOne(
            LibCrypto.BN_mod_exp_mont(result, value, exponent, _modulus.Value, Context, _modulus.Montgomery));
        return result;
    }

    /// <summary>The inverse, or null when there is none.</summary>
    internal BigNumber? Invert(BigNumber value)
    {
        var result = New();
        if (LibCrypto.BN_mod_inverse(result, value, _modulus.Value, Context) != 0) return result;
        LibCrypto.ERR_clear_error();
        return null;
    }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
        Context.Dispose();
    }

    /// <summary>Takes over a value for the time of the computation.</summary>
    internal T Own<T>(T value) where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }

    private BigNumber New() => Own(BigNumber.CreateSecret());
}
