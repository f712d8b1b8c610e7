using PrivacyPass;
using PrivacyPass.AspNetCore.Keys;

namespace PrivacyProxy.Testing.Keys;

/// <summary>An RSA key of 2048 bits made of safe primes, for issuers of type 0xDA7A in tests: a new one takes seconds to find.</summary>
internal static class SafePrimeKey
{
    // Primes of "openssl prime -generate -bits 1024 -safe".
    private const string Base64 =
        "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCgT+9ZDMVu145NvBdcXhujq5xkzu6wwHOYdHFBH9IuyRqZwpCgQGGgCTyyrtGlpRRv9TnBh1dmqKa+cR43tLte7lkW" +
        "UOXkalmKRnHkVyzPLXmNK8eZVQxLBAvUEX8evfskGnd6pWOydiNdBPFbYCz8P/x+zqZSpMYdghZFXtc9LKabJ+ntkWoSdLeXFceX8uOAbIgxFfhdAIO0X70klZ99/7/vGppb/8XJWsgJ" +
        "/VfFG5HakZ2z661aqsyHEMQ1VAkt64rk9kN4Mz7huz1ZQtMeYsQaUbIVqtfd/H3leJbg7Fh2SVoEDo79D0vIgtUbIu1GfH1PMRFlsW4l8J4nJXg9AgMBAAECggEAVhd3ZzA3mvYBwvc+" +
        "6GjVmQjhHTYP8zX3HilyZNHs8xkmwuo89wJ8KxCq2x6NEdLcbd+Y27iOFGB/44gl/S5+7VU83IInY4pFeb+pDEJQmxZFz61yLIMC7gpHO+UFioHmLBZWkbPeHYnaJeswnqzAm9rVA1iA" +
        "86Lvjgs9YJW1K3FEeRgFWWss+VNAtcNj/FdS7P4Wu0yV+AK8kubt+nxOuaMbJf2Bf4POSP1JlbFJ70PNUkeP9hmAXbdmDLCSSV7PNsg9rg6vGbr1mT8S0XY94rgmvmy75StWXA9ZuvAL" +
        "lsFIAWQX0Df9AqXrMxZ09DOr4k3eaAO7Mb+tlKrGlM4vNQKBgQDRI/pTgr8alrFG7hPM/M3ErNGjaHI3DDiH0XEHBxz/F4zNw/5hD1ABVsKtCGBaTWWrZwT2AAogqtW8gigEkjKosb87" +
        "CnUWC+ArQWTT3Ub0lIW+ftbSTglCvNnM8Y/qfuBv1kl4uZFlwWaWR4k3+2buSIySuvzv5wseMSxTcfPKFwKBgQDEOzs+lVrK3zOM3/8i/8oukmy+YfuXU7qtDH224hQwXsEtRFpLZ18u" +
        "zlk2Xs46mXwKWqM9BVgDj3GlgkSWVlVUQOkTw0i7Xhi7P6Zbg8nFul8utuYJP4tx07VcYO/ZRzFXWTt+ikYiJqre03Roue0fVqoPrQrjGM+Hw+Jut0iIywKBgQCpykGyhtVLasflw+dD" +
        "ZoJPh9ZyiZsgYcWLTlgq0nWSC7Z+Xv4oIlxbmepWvBQte+RssShv5zxRpR/8+NYwT9jc5+FOt4CzM1T9CQwojN7MNcAXFbal6kDOc6+HGR4zzGm9ogToBA+swsTcgJtAXdQE49VsUm6C" +
        "/doi2t0Xqc24ZQKBgQCrem89M1sR6Zasxpm4RfqyU/Z/MDSheuOokT/SbyHhWwxIuHCHcB/3UQ8YuiRRhQqmKap4ipDtG47eaUXyciNC6y5CvOZ0Bbhq+SYw1queBE1lDyNadZMvtyfH" +
        "QFaYcuQlRq7812yOL2gmLHaPhdo3Bo66ACeBaI8CPyVCRxw1nQKBgB62my2kRvsYyswa3JVekYBqDWNpsU0OrgB/9lZyobx9SloA1ZWYeVVJlK3Qo/cG8Q6bID7Jpw4/Ar3lwWufVtG3" +
        "TJ4MXG+tUaupHQxg45YZQ2kTSFrxwpSohx1wQRY8WxktFr0jOV3zfuiPEcz//tT1Pk6r66qbg9TzYinWoDkQ";

    public static byte[] Pkcs8 => Convert.FromBase64String(Base64);

    /// <summary>Makes it the key of an issuer from a time on, for as long as one that the issuer makes.</summary>
    public static void AddTo(string directory, DateTimeOffset since)
    {
        var start = DateTimeOffset.FromUnixTimeSeconds(since.ToUnixTimeSeconds());
        new IssuerKeyDirectory(directory).Import(TokenType.PartiallyBlindRsa2048, Pkcs8, start, start + new IssuerKeyRingOptions().KeyLifetime);
    }
}
