import java.io.FileInputStream;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Fetches a page through a proxy: Fetch PROXY_HOST PROXY_PORT PASSWORD CA_FILE URL */
public class Fetch {
    public static void main(String[] arguments) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry("site", CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(arguments[3])));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(tls)
            .proxy(ProxySelector.of(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]))))
            .authenticator(new Authenticator() {
                protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication("any", arguments[2].toCharArray());
                }
            })
            .build();
        HttpResponse<String> response = client.send(HttpRequest.newBuilder(URI.create(arguments[4])).build(), HttpResponse.BodyHandlers.ofString());
        System.out.print(response.statusCode() == 200 ? response.body() : "status " + response.statusCode() + "\n");
        System.exit(response.statusCode() == 200 ? 0 : 1);
    }
}
